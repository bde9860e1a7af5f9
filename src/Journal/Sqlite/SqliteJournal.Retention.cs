namespace FtpActors.Journal.Sqlite;

// How old things leave. The space in the file is used again; the file itself does not become smaller.
public sealed partial class SqliteJournal : IRetention
{
    // Rows of one transaction: between two of them everyone else is served.
    private const int DropRows = 1000;

    /// <inheritdoc/>
    public async Task<string?> DropEventsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var places = await _readers.ReadAsync(database =>
        {
            var rows = new List<(int Shard, long Spool, long UpTo)>();
            var row = database[Sql.ReadDropping];
            while (row.Step())
                rows.Add(((int)row.Integer(0), row.Integer(1), row.Integer(2)));
            return rows;
        }, cancel).ConfigureAwait(false);

        var dropped = 0L;
        foreach (var (shard, spool, upTo) in places)
            dropped += await DropAllAsync(() => new ExpireEvents(shard, spool, upTo, before, DropRows), cancel).ConfigureAwait(false);
        return dropped == 0 ? null : $"{dropped} events";
    }

    /// <inheritdoc/>
    public Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel) =>
        DropAllAsync(() => new ExpireSessions(before, DropRows), cancel);

    /// <inheritdoc/>
    public async Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel) =>
        await DropAllAsync(() => new ExpireDeliveries(DeliveryState.Done, before, DropRows), cancel).ConfigureAwait(false)
        + await DropAllAsync(() => new ExpireDeliveries(DeliveryState.Dropped, before, DropRows), cancel).ConfigureAwait(false);

    private async Task<long> DropAllAsync(Func<WriteRequest<long>> chunk, CancellationToken cancel)
    {
        for (var all = 0L; ;)
        {
            cancel.ThrowIfCancellationRequested();
            var dropped = await _writer.WriteAsync(chunk()).ConfigureAwait(false);
            all += dropped;
            if (dropped < DropRows)
                return all;
        }
    }
}
