using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres;

// What shards read.
public sealed partial class PostgresJournal
{
    // Rows of one page of a stream: a connection is held for one page at a time, never for the time that a reader takes.
    private const int PageRows = 500;

    // Sources append nearly, not exactly, in the order of receipt. A reader of a window goes on until so many rows in a row are older.
    private const int OlderRowsThatEndAWindow = 1000;

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadShardAsync(int shard, string spool, long after, int limit) =>
        ReadEventsAsync(spool, SqlTexts.ReadShard, shard, spool, after, limit);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEvent>> ReadShardSinceAsync(int shard, string spool, DateTimeOffset since, long upTo)
    {
        var events = new List<StoredEvent>();
        while (true)
        {
            var page = await ReadEventsAsync(spool, SqlTexts.ReadShardBackwards, shard, spool, upTo, OlderRowsThatEndAWindow).ConfigureAwait(false);
            var found = page.Where(e => e.Event.ReceivedAt >= since).ToList();
            events.AddRange(found);
            if (found.Count == 0 || page.Count < OlderRowsThatEndAWindow)
                break;
            upTo = page[^1].Seq - 1;
        }
        events.Reverse();
        return events;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(int shard, string spool, IReadOnlyList<long> seqs) =>
        ReadEventsAsync(spool, SqlTexts.ReadEvents, shard, spool, seqs.ToArray());

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadSpoolsAsync() => [.. (await ReadSpoolHeadsAsync(default).ConfigureAwait(false)).Select(s => s.Id)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardStatus>> ReadBacklogAsync() => await _server.ReadAsync(connection => connection.ReadAsync(
        r => new ShardStatus(
            Shard: r.GetInt32(0), Epoch: r.GetInt64(1), Owner: r.GetString(2), Spool: r.GetString(5), Position: r.GetInt64(6), Head: r.GetInt64(7),
            Waiting: r.GetInt64(9) + r.GetInt32(8), OldestWaiting: r.TimeOrNull(10), Duplicates: r.GetInt64(3), Reordered: r.GetInt64(4)),
        SqlTexts.ReadBacklog)).ConfigureAwait(false);

    private async Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(string spool, string sql, params object?[] values) => await _server
        .ReadAsync(connection => connection.ReadAsync(r => EventRow.Read(r, spool), sql, values)).ConfigureAwait(false);

    private Task<List<(int Num, string Id, long Last)>> ReadSpoolHeadsAsync(CancellationToken cancel) => _server.ReadAsync(
        connection => connection.ReadAsync(r => (r.GetInt32(0), r.GetString(1), r.GetInt64(2)), SqlTexts.ReadSpools), cancel);
}
