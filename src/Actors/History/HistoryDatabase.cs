using FtpActors.Actors.Rules;
using FtpActors.Journal;

namespace FtpActors.Actors.History;

/// <summary>
/// The read model: sessions, file operations, deliveries and their tries, and where events are in the journal, as SQL tables. Made from the journal and
/// remakable from it. Safe for callers on any thread; writes run one after the other, readers hold up neither them nor each other.
/// </summary>
public sealed class HistoryDatabase : IAsyncDisposable
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "history.db";

    private HistoryDatabase()
    {
    }

    /// <summary>Opens the history in a folder, and makes it when there is none.</summary>
    /// <exception cref="HistoryVersionException">It was made by a version of the program that keeps it otherwise.</exception>
    public static Task<HistoryDatabase> OpenAsync(string folder, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Writes items in one transaction, with the position of each handler. Writing an item again changes nothing.</summary>
    public Task WriteAsync(IReadOnlyList<HistoryItem> items) => throw new NotImplementedException();

    /// <summary>Highest journal row of a handler that was written; 0 when none was.</summary>
    public Task<long> ReadPositionAsync(int handler, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Puts sessions that were made anew from the journal in the place of the old ones, in one transaction. The handler's position stays.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="row">Journal row up to which they were made; what was written for a later row stays.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="deletedIds">Ids of sessions that there are no more.</param>
    public Task ReplaceSessionsAsync(int handler, long row, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deletedIds) =>
        throw new NotImplementedException();

    /// <summary>Sessions for people, ordered by the time they opened.</summary>
    public IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Open sessions in groups: the largest first, those of one size by name.</summary>
    /// <param name="by">What makes a group.</param>
    /// <param name="user">Only this user; null for any, exact unless it has <c>*</c>.</param>
    /// <param name="host">Only this host, likewise.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel = default) =>
        throw new NotImplementedException();

    /// <summary>File operations for people, in the order they were received.</summary>
    public IAsyncEnumerable<FileOperation> QueryOperationsAsync(OperationQuery query, CancellationToken cancel = default) =>
        throw new NotImplementedException();

    /// <summary>The transfers of a session in their order; an upload that has its final name now stands where it stood under the temporary one.</summary>
    /// <param name="session">Id of the session.</param>
    /// <param name="most">Most files.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<IReadOnlyList<SessionFile>> ReadFilesAsync(string session, int most, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Deliveries for people, oldest first.</summary>
    public IAsyncEnumerable<DeliveryRecord> QueryDeliveriesAsync(DeliveryQuery query, CancellationToken cancel = default) =>
        throw new NotImplementedException();

    /// <summary>One delivery, null when there is none of that id.</summary>
    public Task<DeliveryRecord?> ReadDeliveryAsync(long id, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>The tries of a delivery, oldest first.</summary>
    public Task<IReadOnlyList<DeliveryTry>> ReadTriesAsync(long id, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Number of deliveries by rule and state.</summary>
    public Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> CountDeliveriesAsync(CancellationToken cancel = default) =>
        throw new NotImplementedException();

    /// <summary>Which journal rows may hold what is asked for, by handler, row and spool.</summary>
    public IAsyncEnumerable<RowIndex> ReadIndexAsync(IndexQuery query, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Drops sessions that ended before a time, with their file operations.</summary>
    /// <returns>How many sessions.</returns>
    public Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Drops deliveries that were done or taken off before a time, with their tries. Dead letters stay: they wait for a person.</summary>
    /// <returns>How many deliveries.</returns>
    public Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Drops file operations that were received before a time.</summary>
    /// <returns>How many.</returns>
    public Task<long> DropOperationsAsync(DateTimeOffset before, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Drops the index of a handler's journal rows that are gone.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="upToRow">The last journal row that is gone.</param>
    /// <param name="cancel">Ends it between two parts.</param>
    /// <returns>How many entries.</returns>
    public Task<long> DropIndexAsync(int handler, long upToRow, CancellationToken cancel = default) => throw new NotImplementedException();

    /// <summary>Closes the file after the write that runs.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
