using System.Runtime.CompilerServices;
using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

// What shards and people read, but for the queries with filters.
public sealed partial class SqliteJournal
{
    // Rows of one page of a stream: a connection is held for one page at a time, never for the time that a reader takes.
    private const int PageRows = 500;

    // Sources append nearly, not exactly, in the order of receipt. A reader of a window goes on until so many rows in a row are older.
    private const int OlderRowsThatEndAWindow = 1000;

    private static SqlTexts Sql => SqlTexts.All;

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadShardAsync(int shard, string spool, long after, int limit) =>
        _readers.ReadAsync<IReadOnlyList<StoredEvent>>(database =>
        {
            var events = new List<StoredEvent>();
            var rows = database[Sql.ReadShard].Bind(1, shard).Bind(2, spool).Bind(3, after).Bind(4, limit);
            while (rows.Step())
                events.Add(EventRows.Read(rows, spool));
            return events;
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadShardSinceAsync(int shard, string spool, DateTimeOffset since, long upTo) =>
        _readers.ReadAsync<IReadOnlyList<StoredEvent>>(database =>
        {
            var events = new List<StoredEvent>();
            var oldest = Times.ToMicroseconds(since);
            var older = 0;
            var rows = database[Sql.ReadShardBackwards].Bind(1, shard).Bind(2, spool).Bind(3, upTo);
            while (older < OlderRowsThatEndAWindow && rows.Step())
            {
                if (rows.Integer(1) < oldest)
                {
                    older++;
                    continue;
                }
                older = 0;
                events.Add(EventRows.Read(rows, spool));
            }
            rows.Reset();
            events.Reverse();
            return events;
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(int shard, string spool, IReadOnlyList<long> seqs) =>
        _readers.ReadAsync<IReadOnlyList<StoredEvent>>(database =>
        {
            var events = new List<StoredEvent>();
            foreach (var seq in seqs.Order().Distinct())
            {
                var row = database[Sql.ReadEvent].Bind(1, shard).Bind(2, spool).Bind(3, seq);
                if (row.Step())
                    events.Add(EventRows.Read(row, spool));
                row.Reset();
            }
            return events;
        });

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadSpoolsAsync() => _readers.ReadAsync<IReadOnlyList<string>>(
        database => [.. ReadSpools(database).Select(s => s.Id)]);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShardStatus>> ReadBacklogAsync() => _readers.ReadAsync<IReadOnlyList<ShardStatus>>(database =>
    {
        var lines = new List<ShardStatus>();
        var row = database[Sql.ReadBacklog];
        while (row.Step())
        {
            lines.Add(new ShardStatus(
                Shard: (int)row.Integer(0), Epoch: row.Integer(1), Owner: row.Text(2), Spool: row.Text(5), Position: row.Integer(6),
                Head: row.Integer(7), Waiting: row.Integer(9) + HeldSeqs.Read(row.Bytes(8)).Count,
                OldestWaiting: row.IsNull(10) ? null : Times.FromMicroseconds(row.Integer(10)),
                Duplicates: row.Integer(3), Reordered: row.Integer(4)));
        }
        return lines;
    });

    /// <inheritdoc/>
    public async IAsyncEnumerable<QuarantineEntry> QueryQuarantineAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var after = 0L;
        while (true)
        {
            // Messages are up to 64 KiB each; a page of them is some megabytes.
            var page = await _readers.ReadAsync(database =>
            {
                var entries = new List<QuarantineEntry>();
                var row = database[Sql.QueryQuarantine].Bind(1, after).Bind(2, PageRows / 10);
                while (row.Step())
                    entries.Add(ReadEntry(row));
                return entries;
            }, cancel).ConfigureAwait(false);

            foreach (var entry in page)
                yield return entry;
            if (page.Count == 0)
                yield break;
            after = page[^1].Id;
        }
    }

    /// <inheritdoc/>
    public Task<QuarantineEntry?> ReadQuarantineAsync(long id) => _readers.ReadAsync(database =>
    {
        var row = database[Sql.ReadQuarantine].Bind(1, id);
        var entry = row.Step() ? ReadEntry(row) : null;
        row.Reset();
        return entry;
    });

    private static List<(long Num, string Id)> ReadSpools(Database database)
    {
        var spools = new List<(long, string)>();
        var row = database[Sql.ReadSpools];
        while (row.Step())
            spools.Add((row.Integer(0), row.Text(1)));
        return spools;
    }

    private static QuarantineEntry ReadEntry(Statement row) => new(row.Integer(0), new QuarantinedMessage(
        Times.FromMicroseconds(row.Integer(1)), row.Text(2), row.TextOrNull(3), row.Text(4), row.Bytes(5).ToArray()));
}
