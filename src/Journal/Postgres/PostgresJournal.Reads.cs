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
    public async Task<IReadOnlyList<StoredEvent>> ReadShardAsync(int shard, string spool, long after, int limit) => await _server.ReadAsync(async connection =>
    {
        var events = new List<StoredEvent>();
        while (events.Count < limit && await SpoolDays.FirstAsync(connection, spool, after, long.MaxValue).ConfigureAwait(false) is { } days)
        {
            events.AddRange(await connection.ReadAsync(
                r => EventRow.Read(r, spool), SqlTexts.ReadShard, shard, spool, after, days.UpTo, days.From, days.Until, limit - events.Count).ConfigureAwait(false));
            if (days.IsLast)
                break;
            after = days.UpTo;
        }
        return events;
    }).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEvent>> ReadShardSinceAsync(int shard, string spool, DateTimeOffset since, long upTo)
    {
        var events = new List<StoredEvent>();
        // What is older within the day is read for the sake of its number; other days need not be opened.
        var midnight = new DateTimeOffset(since.UtcDateTime.Date, TimeSpan.Zero);
        while (true)
        {
            var page = await _server.ReadAsync(connection => connection.ReadAsync(
                r => EventRow.Read(r, spool), SqlTexts.ReadShardBackwards, shard, spool, upTo, midnight, OlderRowsThatEndAWindow)).ConfigureAwait(false);
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
    public async Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(int shard, string spool, IReadOnlyList<long> seqs)
    {
        if (seqs.Count == 0)
            return [];
        return await _server.ReadAsync(async connection =>
            await SpoolDays.AllAsync(connection, spool, seqs.Min() - 1, seqs.Max()).ConfigureAwait(false) is { } days
                ? await connection.ReadAsync(
                    r => EventRow.Read(r, spool), SqlTexts.ReadEvents, shard, spool, seqs.ToArray(), days.From, days.Until).ConfigureAwait(false)
                : []).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadSpoolsAsync() => [.. (await ReadSpoolHeadsAsync(default).ConfigureAwait(false)).Select(s => s.Id)];

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardStatus>> ReadBacklogAsync() => _server.ReadAsync(async connection =>
    {
        var lines = await connection.ReadAsync(
            r => (Status: new ShardStatus(
                    Shard: r.GetInt32(0), Epoch: r.GetInt64(1), Owner: r.GetString(2), Spool: r.GetString(5), Position: r.GetInt64(6), Head: r.GetInt64(7),
                    Waiting: 0, OldestWaiting: null, Duplicates: r.GetInt64(3), Reordered: r.GetInt64(4)),
                Held: r.GetFieldValue<long[]>(8)),
            SqlTexts.ReadBacklog).ConfigureAwait(false);

        // Events are looked at only where something waits.
        var waiting = new Dictionary<(string, int), (long Unread, DateTimeOffset? Oldest)>();
        foreach (var behind in lines.Where(l => l.Status.Head > l.Status.Position || l.Held.Length > 0).ToLookup(l => l.Status.Spool))
        {
            long[] oldest = [.. behind.Select(l => l.Held.Length > 0 ? l.Held[0] : l.Status.Position + 1)];
            if (await SpoolDays.AllAsync(connection, behind.Key, oldest.Min() - 1, long.MaxValue).ConfigureAwait(false) is not { } days)
                continue;
            foreach (var (shard, unread, since) in await connection.ReadAsync(
                r => (r.GetInt32(0), r.GetInt64(1), r.TimeOrNull(2)), SqlTexts.ReadWaiting, behind.Select(l => l.Status.Shard).ToArray(),
                behind.Select(l => l.Status.Position).ToArray(), oldest, behind.Key, days.From, days.Until).ConfigureAwait(false))
                waiting[(behind.Key, shard)] = (unread, since);
        }
        return (IReadOnlyList<ShardStatus>)[.. lines.Select(l =>
        {
            var (unread, since) = waiting.GetValueOrDefault((l.Status.Spool, l.Status.Shard));
            return l.Status with { Waiting = unread + l.Held.Length, OldestWaiting = since };
        })];
    });

    private Task<List<(int Num, string Id, long Last)>> ReadSpoolHeadsAsync(CancellationToken cancel) => _server.ReadAsync(
        connection => connection.ReadAsync(r => (r.GetInt32(0), r.GetString(1), r.GetInt64(2)), SqlTexts.ReadSpools), cancel);
}
