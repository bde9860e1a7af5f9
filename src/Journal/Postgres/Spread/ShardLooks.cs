namespace FtpActors.Journal.Postgres.Spread;

/// <summary>
/// Who has the shards of the servers beside the first, as each of them said last. One that does not answer in time is shown as it was seen
/// before: a plan that every look overturns would move shards about for nothing.
/// </summary>
internal sealed class ShardLooks
{
    private readonly ShardMap _map;
    private readonly PostgresJournal[] _servers;
    private readonly TimeSpan _patience;
    private readonly ShardOwner[] _seen;
    private readonly Task[] _looking;
    private readonly Lock _gate = new();

    /// <param name="map">Which server has which shards.</param>
    /// <param name="servers">The servers.</param>
    /// <param name="patience">How long to wait for an answer.</param>
    public ShardLooks(ShardMap map, PostgresJournal[] servers, TimeSpan patience)
    {
        (_map, _servers, _patience) = (map, servers, patience);
        _seen = [.. Enumerable.Range(0, map.Shards).Select(s => new ShardOwner(s, 0, "", IsHeld: false, Since: null))];
        _looking = [.. servers.Select(_ => Task.CompletedTask)];
    }

    /// <summary>Puts what the other servers say into what the first one says.</summary>
    /// <param name="first">Asks the first one, at the same time.</param>
    public async Task<ClusterView> CompleteAsync(Task<ClusterView> first)
    {
        Task looks;
        lock (_gate)
        {
            // One at a time of each server: a look that hangs is waited for by the next ones.
            for (var server = 1; server < _servers.Length; server++)
                _looking[server] = _looking[server].IsCompleted ? LookAsync(server) : _looking[server];
            looks = Task.WhenAll(_looking);
        }
        using var enough = new CancellationTokenSource(_patience);
        await looks.WaitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var view = await first.ConfigureAwait(false);
        lock (_gate)
            return view with { Shards = [.. view.Shards.Select(s => _map.ServerOf(s.Shard) == 0 ? s : _seen[s.Shard])] };
    }

    private async Task LookAsync(int server)
    {
        try
        {
            var view = await _servers[server].ReadClusterAsync().ConfigureAwait(false);
            lock (_gate)
            {
                foreach (var shard in view.Shards.Where(s => _map.ServerOf(s.Shard) == server))
                    _seen[shard.Shard] = shard;
            }
        }
        catch (JournalException)
        {
            // Whoever works on one of its shards meets the same trouble and reports it.
        }
    }
}
