using FtpActors.Actors.History;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Spooling;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;

namespace FtpActors.Node.Hosting;

/// <summary>The files in a node's data folder, each with one writer: journal, spool, history, quarantine.</summary>
internal sealed class EngineFiles : IAsyncDisposable
{
    private readonly FolderLock _held;

    private EngineFiles(FolderLock held, string folder, HistoryDatabase history, QuarantineFile? quarantine) =>
        (_held, Folder, History, Quarantine) = (held, folder, history, quarantine);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The handlers' journal.</summary>
    public string Journal => Path.Combine(Folder, "journal.db");

    /// <summary>The spool's journal.</summary>
    public string Spool => Path.Combine(Folder, "spool.db");

    /// <summary>The read model.</summary>
    public HistoryDatabase History { get; }

    /// <summary>What sources could not decode; null where none are.</summary>
    public QuarantineFile? Quarantine { get; }

    /// <summary>Makes the folder and its files when they are not there, and keeps every other process out.</summary>
    /// <exception cref="JournalUnusableException">Something cannot be used as it is; the message says what and the way out.</exception>
    public static async Task<EngineFiles> OpenAsync(string folder, int handlers, bool ingest)
    {
        var held = FolderLock.Take(folder);
        try
        {
            await JournalFile.PrepareAsync(Path.Combine(folder, "journal.db"), handlers);
            if (ingest)
                await JournalFile.PrepareAsync(Path.Combine(folder, "spool.db"), 0);
            var quarantine = ingest ? await QuarantineFile.OpenAsync(folder) : null;
            return new EngineFiles(held, folder, await HistoryDatabase.OpenAsync(folder), quarantine);
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
        await History.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _held.Dispose();
    }
}
