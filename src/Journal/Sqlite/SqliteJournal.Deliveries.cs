using System.Runtime.CompilerServices;

namespace FtpActors.Journal.Sqlite;

// Explicit, because "query" and "count" alone would not say what of the journal is meant.
public sealed partial class SqliteJournal
{
    Task<IReadOnlyList<DeliveryRecord>> IDueDeliveries.ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit) =>
        _readers.ReadAsync<IReadOnlyList<DeliveryRecord>>(database =>
        {
            var due = new List<DeliveryRecord>();
            var row = database[Sql.ReadDue].Bind(1, shard).Bind(2, node).Bind(3, Times.ToMicroseconds(now));
            while (due.Count < limit && row.Step())
            {
                if (!running.Contains(row.Integer(0)) && !busyRules.Contains(row.Text(DeliveryRow.RuleColumn), StringComparer.Ordinal))
                    due.Add(DeliveryRow.Read(row));
            }
            row.Reset();
            return due;
        });

    Task<DateTimeOffset?> IDueDeliveries.ReadNextDueAsync(int shard, string node, DateTimeOffset after) =>
        _readers.ReadAsync<DateTimeOffset?>(database =>
        {
            var row = database[Sql.ReadNextDue].Bind(1, shard).Bind(2, node).Bind(3, Times.ToMicroseconds(after));
            row.Step();
            DateTimeOffset? next = row.IsNull(0) ? null : Times.FromMicroseconds(row.Integer(0));
            row.Reset();
            return next;
        });

    // The folder's lock keeps every other process out for as long as this one lives.
    bool IDueDeliveries.IsConfirmed(int shard, long epoch) => true;

    Task IDueDeliveries.StoreTryAsync(DeliveryProgress progress) => _writer.WriteAsync(new StoreTry(progress));

    Task<int> IDeliveries.AddAsync(int shard, IReadOnlyList<NewDelivery> deliveries) =>
        _writer.WriteAsync(new AddDeliveries(shard, deliveries, _clock.GetUtcNow()));

    async IAsyncEnumerable<DeliveryRecord> IDeliveries.QueryAsync(DeliveryQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in QueryDeliveryPagesAsync(query, cancel).ConfigureAwait(false))
        {
            foreach (var delivery in page)
                yield return delivery;
        }
    }

    Task<IReadOnlyList<DeliveryTry>> IDeliveries.ReadTriesAsync(long id) => _readers.ReadAsync<IReadOnlyList<DeliveryTry>>(database =>
    {
        var tries = new List<DeliveryTry>();
        var row = database[Sql.ReadTries].Bind(1, id);
        while (row.Step())
            tries.Add(DeliveryRow.ReadTry(row));
        return tries;
    });

    // Page by page: a person's retry of very many must not hold up the commits of the shards.
    async Task<(IReadOnlyList<int> Shards, int Count)> IDeliveries.RetryAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var (shards, count) = (new SortedSet<int>(), 0);
        await foreach (var page in QueryDeliveryPagesAsync(query, default).ConfigureAwait(false))
        {
            var retried = await _writer.WriteAsync(new RetryDeliveries([.. page.Select(d => d.Id)], now)).ConfigureAwait(false);
            shards.UnionWith(retried);
            count += retried.Count;
        }
        return ([.. shards], count);
    }

    async Task<int> IDeliveries.DropAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var count = 0;
        await foreach (var page in QueryDeliveryPagesAsync(query, default).ConfigureAwait(false))
            count += await _writer.WriteAsync(new DropDeliveries([.. page.Select(d => d.Id)], now)).ConfigureAwait(false);
        return count;
    }

    Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> IDeliveries.CountAsync() =>
        _readers.ReadAsync<IReadOnlyList<(string, DeliveryState, long)>>(database =>
        {
            var counts = new List<(string, DeliveryState, long)>();
            var row = database[Sql.CountDeliveries];
            while (row.Step())
                counts.Add((row.Text(0), DeliveryRow.State(row.Text(1)), row.Integer(2)));
            return counts;
        });

    private async IAsyncEnumerable<List<DeliveryRecord>> QueryDeliveryPagesAsync(
        DeliveryQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (query.Ids is { } ids)
        {
            var found = await _readers.ReadAsync(
                database => ids.Distinct().Order().SelectMany(id => ReadDeliveries(database, query, id - 1, id)).ToList(), cancel).ConfigureAwait(false);
            foreach (var page in found.TakeLast(query.Last ?? int.MaxValue).Chunk(PageRows))
                yield return [.. page];
            yield break;
        }

        var after = query.Last is { } last
            ? await _readers.ReadAsync(database => FindIdBeforeLast(database, query, last), cancel).ConfigureAwait(false)
            : 0;
        var left = query.Last ?? int.MaxValue;
        while (left > 0)
        {
            var from = after;
            var page = await _readers.ReadAsync(database => ReadDeliveries(database, query, from, long.MaxValue), cancel).ConfigureAwait(false);
            if (page.Count == 0)
                yield break;
            after = page[^1].Id;
            yield return page.Count <= left ? page : page[..left];
            left -= Math.Min(left, page.Count);
        }
    }

    private static List<DeliveryRecord> ReadDeliveries(Database database, DeliveryQuery query, long after, long upTo)
    {
        var page = new List<DeliveryRecord>();
        var text = query.State is null ? Sql.QueryDeliveries : Sql.QueryDeliveriesInState;
        var row = BindFilters(database[text], query).Bind(1, after).Bind(2, upTo).Bind(9, PageRows);
        while (row.Step())
            page.Add(DeliveryRow.Read(row));
        return page;
    }

    /// <summary>The id after which the last n that fit begin; 0 when there are no more than n.</summary>
    private static long FindIdBeforeLast(Database database, DeliveryQuery query, int last)
    {
        if (last <= 0)
            return 0;
        var text = query.State is null ? Sql.QueryDeliveriesBackwards : Sql.QueryDeliveriesInStateBackwards;
        var row = BindFilters(database[text], query).Bind(9, last);
        var id = row.Step() ? row.Integer(0) : 0;
        row.Reset();
        return id;
    }

    private static Statement BindFilters(Statement row, DeliveryQuery query) => row
        .Bind(3, GlobPattern.From(query.Rule))
        // Texts that ask for no state have a number 5, so they have a number 4 as well.
        .Bind(4, query.State is { } state ? DeliveryRow.Word(state) : null)
        .Bind(5, GlobPattern.From(query.User))
        .Bind(6, query.Since is { } since ? Times.ToMicroseconds(since) : null)
        .Bind(7, query.Until is { } until ? Times.ToMicroseconds(until) : null)
        .Bind(8, GlobPattern.From(query.Replay));
}
