using FtpActors.Actors.History.Tables;
using LinqToDB;

namespace FtpActors.Actors.History;

/// <summary>
/// The read model: sessions, file operations, deliveries and their tries, and where events are in the journal, as SQL tables, in a file of SQLite or in PostgreSQL. Made from the
/// journal and remakable from it. Safe for callers on any thread; writes run one after the other, readers hold up neither them nor each other.
/// </summary>
public sealed partial class HistoryDatabase : IAsyncDisposable
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "history.db";

    private readonly IHistoryStore _store;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Readers _readers;
    private TableWriter? _writer;

    private HistoryDatabase(IHistoryStore store, TableWriter writer)
    {
        (_store, _writer, _readers) = (store, writer, new Readers(store.Read, Damage = new HistoryDamage(store.Name)));
        _sessions = SessionsInOrder();
        _operations = OperationsInOrder();
        _deliveries = DeliveriesInOrder();
        _index = IndexInOrder();
    }

    /// <summary>Opens the history in a folder, and makes it when there is none.</summary>
    /// <exception cref="HistoryVersionException">It was made by a version of the program that keeps it otherwise.</exception>
    public static Task<HistoryDatabase> OpenAsync(string folder, CancellationToken cancel = default) =>
        Task.Run(() => Open(new SqliteHistory(Path.Combine(folder, FileName))), cancel);

    /// <summary>Opens the history of many nodes in PostgreSQL, and makes its tables when there are none.</summary>
    /// <param name="connection">Npgsql's connection string.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HistoryVersionException">They were made by a version of the program that keeps it otherwise.</exception>
    public static Task<HistoryDatabase> OpenPostgresAsync(string connection, CancellationToken cancel = default) =>
        Task.Run(() => Open(new PostgresHistory(connection)), cancel);

    /// <summary>Writes items in one transaction, with the position of each handler. Writing an item again changes nothing.</summary>
    public Task WriteAsync(IReadOnlyList<HistoryItem> items) => ChangeAsync(writer =>
    {
        writer.Write(items);
        return items.Count;
    });

    /// <summary>Highest journal row of a handler that was written; 0 when none was, or it is damaged: then all is written again.</summary>
    public Task<long> ReadPositionAsync(int handler, CancellationToken cancel = default) => _readers.ReadAsync(
        db => db.GetTable<PositionRow>().FirstOrDefault(p => p.Handler == handler) is { } position && Damage.Passes(position) ? position.Row : 0, cancel);

    /// <summary>Puts sessions that were made anew from the journal in the place of the old ones, in one transaction. The handler's position stays.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="row">Journal row up to which they were made; what was written for a later row stays.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="deletedIds">Ids of sessions that there are no more.</param>
    public Task ReplaceSessionsAsync(int handler, long row, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deletedIds) => ChangeAsync(writer =>
    {
        // Away with the old ones first: when a session opened is never changed by a mere write.
        foreach (var id in deletedIds.Concat(sessions.Select(s => s.Id)))
            writer.Connection.GetTable<SessionRow>().Where(s => s.Id == id && s.Handler == handler && s.Row <= row).Delete();
        writer.WriteSessions(new HistoryItem(handler, row) { Sessions = sessions });
        return sessions.Count;
    });

    /// <summary>
    /// Makes a handler's rows after one those of that one: its journal has lost them, and what it writes next has the same numbers again. What they said stays, until it is
    /// overwritten by what comes.
    /// </summary>
    public Task LowerAsync(int handler, long row) => ChangeAsync(writer =>
    {
        var db = writer.Connection;
        // What is damaged keeps the checksum that tells.
        var sessions = db.GetTable<SessionRow>().Where(s => s.Handler == handler && s.Row > row).AsEnumerable().Where(Damage.Passes).Select(s => s with { Row = row }).ToList();
        var deliveries = db.GetTable<DeliveryRow>().Where(d => d.Handler == handler && d.Row > row).AsEnumerable().Where(Damage.Passes).Select(d => d with { Row = row }).ToList();
        foreach (var session in sessions)
            db.GetTable<SessionRow>().Delete(s => s.Id == session.Id);
        foreach (var delivery in deliveries)
            db.GetTable<DeliveryRow>().Delete(d => d.Id == delivery.Id);
        db.GetTable<IndexRow>().Delete(i => i.Handler == handler && i.Row > row);
        db.GetTable<PositionRow>().Delete(p => p.Handler == handler);
        writer.Write(sessions, deliveries, new PositionRow { Handler = handler, Row = row });
        return sessions.Count;
    });

    /// <summary>Closes the file after the write that runs. A check of it ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _writing.WaitAsync().ConfigureAwait(false);
        _writer?.Dispose();
        _readers.Dispose();
        _writing.Dispose();
        _closing.Dispose();
        _store.ClosePools();
    }

    private static HistoryDatabase Open(IHistoryStore store)
    {
        var connection = store.OpenWriter();
        try
        {
            HistorySchema.Prepare(store, connection);
            return new HistoryDatabase(store, new TableWriter(store, connection));
        }
        catch
        {
            connection.Dispose();
            store.ClosePools();
            throw;
        }
    }

    /// <summary>One change, all or nothing.</summary>
    private async Task<T> ChangeAsync<T>(Func<TableWriter, T> change)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Change(change)).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private T Change<T>(Func<TableWriter, T> change)
    {
        var writer = _writer ??= new TableWriter(_store, _store.OpenWriter());
        try
        {
            using var transaction = writer.Connection.BeginTransaction();
            var done = change(writer);
            transaction.Commit();
            return done;
        }
        catch
        {
            // After a full disk or an I/O error nothing is known of the connection: the next write begins with a new one.
            _writer = null;
            writer.Dispose();
            throw;
        }
    }
}
