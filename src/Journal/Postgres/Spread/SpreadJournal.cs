using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres.Spread;

/// <summary>
/// The shared journal on several PostgreSQL servers, each with the events, sessions and deliveries of its own shards. Whatever is about a shard
/// asks that shard's server and no other, so one that is away stops its own shards only. What people ask is read from all of them. The first
/// server also has the members of the cluster and their orders.
/// </summary>
public sealed partial class SpreadJournal : ISharedJournal
{
    private readonly ShardMap _map;
    private readonly PostgresJournal[] _servers;
    // The same ones, for what they implement explicitly.
    private readonly IDeliveries[] _deliveries;
    private readonly IReplays[] _replays;
    private readonly ILoginSlots _slots;
    private readonly SpreadReceiver[] _receivers;
    private readonly SpreadHorizon _horizon;
    private readonly ShardLooks _looks;
    // What holds a lease, or a claim, waits no longer for another server.
    private readonly TimeSpan _patience;

    private SpreadJournal(ShardMap map, PostgresJournal[] servers, TimeSpan lease)
    {
        (_map, _servers, _deliveries, _replays, _slots) = (map, servers, [.. servers], [.. servers], servers[0]);
        _receivers = [.. servers.Select(s => new SpreadReceiver(s, [.. servers.Where(o => o != s)]))];
        _horizon = new SpreadHorizon(map, [.. servers.Select(s => s.Horizon)]);
        _patience = lease / 8;
        _looks = new ShardLooks(map, servers, _patience);
    }

    /// <inheritdoc/>
    public int Shards => _map.Shards;

    /// <inheritdoc/>
    public IHorizon Horizon => _horizon;

    /// <summary>Opens the journals of all servers; makes those that are not there. Safe for many nodes at once.</summary>
    /// <param name="map">Which server has which shards; fixed when the journals are made.</param>
    /// <param name="servers">One per server, in the order of the map; their places are set here.</param>
    /// <exception cref="JournalUnusableException">As for <see cref="PostgresJournal.OpenAsync"/>; also when a server was made for another map or place.</exception>
    /// <exception cref="JournalUnavailableException">One of them cannot be reached at the moment: a node begins when it has reached all.</exception>
    public static async Task<SpreadJournal> OpenAsync(ShardMap map, IReadOnlyList<PostgresJournalOptions> servers)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(servers.Count, map.Servers);
        var opening = servers.Select((options, server) =>
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(options.Shards, map.Shards);
            return PostgresJournal.OpenAsync(options with
            {
                Place = new ServerPlace(server, map), Trouble = trouble => options.Trouble($"Server {server} of the journal: {trouble}"),
            });
        }).ToArray();
        try
        {
            return new SpreadJournal(map, await Task.WhenAll(opening).ConfigureAwait(false), servers[0].Lease);
        }
        catch
        {
            foreach (var opened in opening.Where(o => o.IsCompletedSuccessfully))
                await (await opened.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a shard on its server. That the owner was not taken out of the cluster is asked of the first one.</summary>
    /// <inheritdoc/>
    public async Task<ShardLease> TakeShardAsync(int shard, string owner, CancellationToken cancel = default)
    {
        var server = Of(shard);
        if (server != First)
            await First.RequireNotDownAsync(owner).ConfigureAwait(false);
        return await server.TakeShardAsync(shard, owner, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task GiveBackShardAsync(int shard) => Of(shard).GiveBackShardAsync(shard);

    /// <inheritdoc/>
    public bool IsHeld(int shard, long epoch) => Of(shard).IsHeld(shard, epoch);

    /// <inheritdoc/>
    public Task CommitAsync(ShardStep step) => Of(step.Shard).CommitAsync(step);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadShardAsync(int shard, string spool, long after, int limit) =>
        Of(shard).ReadShardAsync(shard, spool, after, limit);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadShardSinceAsync(int shard, string spool, DateTimeOffset since, long upTo) =>
        Of(shard).ReadShardSinceAsync(shard, spool, since, upTo);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(int shard, string spool, IReadOnlyList<long> seqs) =>
        Of(shard).ReadEventsAsync(shard, spool, seqs);

    /// <summary>Tells of the appends of every server; two of them may tell at the same time.</summary>
    /// <inheritdoc/>
    public void Subscribe(IFreshEvents fresh) => Array.ForEach(_servers, s => s.Subscribe(fresh));

    /// <inheritdoc/>
    public void OnAppend(Action rung) => Array.ForEach(_servers, s => s.OnAppend(rung));

    /// <summary>Gives every shard back and closes all connections.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Select(s => s.DisposeAsync().AsTask())).ConfigureAwait(false);

    private PostgresJournal First => _servers[0];

    private PostgresJournal Of(int shard) => _servers[_map.ServerOf(shard)];

    private Task<T[]> OfAllAsync<T>(Func<PostgresJournal, Task<T>> ask) => Task.WhenAll(_servers.Select(ask));
}
