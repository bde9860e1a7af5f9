namespace FtpActors.Journal.Postgres.Spread;

/// <summary>
/// One host's deliveries on several servers. Servers are asked in turn, beginning with another one each time, until there is enough: what is read
/// is claimed, so no more is read than can run. One that is away or silent does not hold up the others' deliveries.
/// </summary>
/// <param name="servers">The host's deliveries on each server.</param>
/// <param name="map">Which server has which shards.</param>
/// <param name="patience">How long a server may take to answer before the next one is asked; well below half a lease.</param>
internal sealed class SpreadHostDeliveries(IReadOnlyList<IHostDeliveries> servers, ShardMap map, TimeSpan patience) : IHostDeliveries
{
    private readonly Task[] _asking = [.. servers.Select(_ => Task.CompletedTask)];
    private IReadOnlyList<IHostDeliveries> _read = [];
    private int _turn;

    public async Task<IReadOnlyList<DeliveryRecord>> ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit)
    {
        var (claimed, read, failure) = (new List<DeliveryRecord>(), new List<IHostDeliveries>(), default(JournalException));
        _turn = (_turn + 1) % servers.Count;
        for (var i = 0; i < servers.Count && claimed.Count < limit; i++)
        {
            var server = (_turn + i) % servers.Count;
            // What an earlier look still waits for is claimed by this run, and so read again by the next look.
            if (!_asking[server].IsCompleted)
                continue;
            var asking = servers[server].ReadDueAsync(
                shard, node, now, running.Where(id => DeliveryIds.ServerOf(id) == server).ToHashSet(), busyRules, limit - claimed.Count);
            _asking[server] = asking;
            try
            {
                claimed.AddRange(await asking.WaitAsync(patience).ConfigureAwait(false));
                read.Add(servers[server]);
            }
            catch (TimeoutException e)
            {
                failure = new JournalUnavailableException($"Server {server} of the journal has not said within {patience.TotalSeconds} s what is due on host {node}.", e);
            }
            catch (JournalException e)
            {
                failure = e;
            }
        }
        // What is claimed has to be run now; the trouble is there at the next look, too.
        if (failure is not null && claimed.Count == 0)
            throw failure;
        _read = read;
        return [.. claimed.OrderBy(d => d.Delivery.DueAt).ThenBy(d => d.Id)];
    }

    public async Task<DateTimeOffset?> ReadNextDueAsync(int shard, string node, DateTimeOffset after)
    {
        try
        {
            return (await Task.WhenAll(servers.Select(s => s.ReadNextDueAsync(shard, node, after))).WaitAsync(patience).ConfigureAwait(false)).Min();
        }
        catch (TimeoutException e)
        {
            throw new JournalUnavailableException($"A server of the journal has not said within {patience.TotalSeconds} s when something is due on host {node}.", e);
        }
    }

    // Of those that the last look has read from: the shard of the call does not count.
    public bool IsConfirmed(int shard, long epoch) => _read.All(s => s.IsConfirmed(shard, epoch));

    public Task StoreTryAsync(DeliveryProgress progress) => servers[map.ServerOf(progress.Shard)].StoreTryAsync(progress);

    public async ValueTask DisposeAsync() => await Task.WhenAll(servers.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);
}
