namespace FtpActors.Journal.Postgres.Spread;

// A delivery is on the server of its shard, which its number names: DeliveryIds.
public sealed partial class SpreadJournal
{
    Task<IReadOnlyList<DeliveryRecord>> IDueDeliveries.ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit) =>
        _deliveries[_map.ServerOf(shard)].ReadDueAsync(shard, node, now, running, busyRules, limit);

    Task<DateTimeOffset?> IDueDeliveries.ReadNextDueAsync(int shard, string node, DateTimeOffset after) => _deliveries[_map.ServerOf(shard)].ReadNextDueAsync(shard, node, after);

    bool IDueDeliveries.IsConfirmed(int shard, long epoch) => _deliveries[_map.ServerOf(shard)].IsConfirmed(shard, epoch);

    Task IDueDeliveries.StoreTryAsync(DeliveryProgress progress) => _deliveries[_map.ServerOf(progress.Shard)].StoreTryAsync(progress);

    Task<int> IDeliveries.AddAsync(int shard, IReadOnlyList<NewDelivery> deliveries) => _deliveries[_map.ServerOf(shard)].AddAsync(shard, deliveries);

    /// <summary>
    /// Those of one server in their order, which is that of their numbers; between servers by the time they were made.
    /// </summary>
    IAsyncEnumerable<DeliveryRecord> IDeliveries.QueryAsync(DeliveryQuery query, CancellationToken cancel) => Merged.LastOf(
        () => Merged.Of(Asked(query).Select(s => s.Server.QueryAsync(s.Query, cancel)), CompareMaking, cancel), query.Last, cancel);

    async Task<IReadOnlyList<DeliveryTry>> IDeliveries.ReadTriesAsync(long id) =>
        DeliveryIds.ServerOf(id) is >= 0 and var server && server < _servers.Length
            ? await _deliveries[server].ReadTriesAsync(id).ConfigureAwait(false)
            : [];

    async Task<(IReadOnlyList<int> Shards, int Count)> IDeliveries.RetryAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var (shards, count) = (new SortedSet<int>(), 0);
        foreach (var (server, asked) in Asked(await WithoutLastAsync(query).ConfigureAwait(false)))
        {
            var retried = await server.RetryAsync(asked, now).ConfigureAwait(false);
            shards.UnionWith(retried.Shards);
            count += retried.Count;
        }
        return ([.. shards], count);
    }

    async Task<int> IDeliveries.DropAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var count = 0;
        foreach (var (server, asked) in Asked(await WithoutLastAsync(query).ConfigureAwait(false)))
            count += await server.DropAsync(asked, now).ConfigureAwait(false);
        return count;
    }

    async Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> IDeliveries.CountAsync() =>
        [.. (await Task.WhenAll(_deliveries.Select(s => s.CountAsync())).ConfigureAwait(false)).SelectMany(c => c)
            .GroupBy(c => (c.Rule, c.State), (key, counts) => (key.Rule, key.State, counts.Sum(c => c.Count)))];

    // Numbers are asked of the servers that gave them only, whether the others are there or not.
    private IEnumerable<(IDeliveries Server, DeliveryQuery Query)> Asked(DeliveryQuery query)
    {
        if (query.Ids is not { } ids)
            return _deliveries.Select(s => (s, query));
        var byServer = ids.ToLookup(DeliveryIds.ServerOf);
        return _deliveries.Index().Where(s => byServer.Contains(s.Index))
            .Select(s => (s.Item, query with { Ids = [.. byServer[s.Index]] }));
    }

    // The last ones of all are not the last ones of each.
    private async Task<DeliveryQuery> WithoutLastAsync(DeliveryQuery query)
    {
        if (query.Last is null)
            return query;
        var ids = new List<long>();
        await foreach (var delivery in ((IDeliveries)this).QueryAsync(query, default).ConfigureAwait(false))
            ids.Add(delivery.Id);
        return query with { Last = null, Ids = ids };
    }

    private static int CompareMaking(DeliveryRecord a, DeliveryRecord b) =>
        a.CreatedAt.CompareTo(b.CreatedAt) is not 0 and var times ? times : a.Id.CompareTo(b.Id);
}
