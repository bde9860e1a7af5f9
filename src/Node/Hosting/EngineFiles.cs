using FtpActors.Actors.History;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Spooling;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FtpActors.Node.Hosting;

/// <summary>
/// What a node keeps: in its data folder spool and quarantine, and the handlers' journal and history, each with one writer; the latter two in the cluster's database when it is
/// part of a cluster, and nowhere on a node of it without handlers.
/// </summary>
internal sealed class EngineFiles : IAsyncDisposable
{
    private readonly FolderLock _held;

    private EngineFiles(FolderLock held, string folder, HistoryDatabase? history, QuarantineFile quarantine) =>
        (_held, Folder, History, Quarantine) = (held, folder, history, quarantine);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The handlers' journal of a node that is alone.</summary>
    public string Journal => Path.Combine(Folder, "journal.db");

    /// <summary>The spool's journal.</summary>
    public string Spool => Path.Combine(Folder, "spool.db");

    /// <summary>The read model; null on a node of a cluster that has no handlers.</summary>
    public HistoryDatabase? History { get; }

    /// <summary>What sources could not decode, and bytes of damaged rows.</summary>
    public QuarantineFile Quarantine { get; }

    /// <summary>Makes the folder and its files when they are not there, and keeps every other process out.</summary>
    /// <exception cref="JournalUnusableException">Something cannot be used as it is; the message says what and the way out.</exception>
    /// <exception cref="JournalUnavailableException">The database does not answer; it may later.</exception>
    public static async Task<EngineFiles> OpenAsync(EngineOptions options)
    {
        var folder = options.Folder;
        var held = FolderLock.Take(folder);
        try
        {
            if (options.Ingest)
                await JournalFile.PrepareAsync(Path.Combine(folder, "spool.db"), 0);
            return new EngineFiles(held, folder, await OpenHistoryAsync(options), await OpenQuarantineAsync(folder));
        }
        catch (Exception e) when (e is SqliteException or HistoryVersionException)
        {
            held.Dispose();
            throw new JournalUnusableException(
                $"The data folder {folder} cannot be used: {e.Message} What is in history.db can be made again from the journal: stop the node, move that file away, and start it.", e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (History is not null)
            await History.DisposeAsync();
        SqliteConnection.ClearAllPools();
        NpgsqlConnection.ClearAllPools();
        _held.Dispose();
    }

    private static async Task<QuarantineFile> OpenQuarantineAsync(string folder)
    {
        try
        {
            return await QuarantineFile.OpenAsync(folder);
        }
        catch (SqliteException e)
        {
            throw new JournalUnusableException(
                $"{Path.Combine(folder, QuarantineFile.FileName)} cannot be used: {e.Message} It holds messages that could not be decoded, and nothing else needs it: move it away to go on with an empty one.", e);
        }
    }

    private static async Task<HistoryDatabase?> OpenHistoryAsync(EngineOptions options)
    {
        if (options.Cluster is null)
        {
            await JournalFile.PrepareAsync(Path.Combine(options.Folder, "journal.db"), options.Handlers);
            return await HistoryDatabase.OpenAsync(options.Folder);
        }
        if (options.Cluster.Journal is not { } database)
            return null;
        var connections = options.Cluster.Servers.Further.Select(s => s.Connection!).Prepend(database);
        foreach (var (server, connection) in connections.Index())
            await PostgresJournal.PrepareAsync(connection, options.Handlers, options.Cluster.Servers.ShareOf(server, options.Handlers));
        try
        {
            return await HistoryDatabase.OpenPostgresAsync(database);
        }
        catch (NpgsqlException e)
        {
            throw new JournalUnavailableException($"PostgreSQL does not answer: {e.Message}", e);
        }
    }
}
