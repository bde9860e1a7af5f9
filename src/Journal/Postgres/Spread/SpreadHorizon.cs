namespace FtpActors.Journal.Postgres.Spread;

/// <summary>The horizons of several servers: one server's for its shards, the least of all for whoever asks of no shard.</summary>
internal sealed class SpreadHorizon(ShardMap map, IReadOnlyList<IHorizon> servers) : IHorizon
{
    public DateTimeOffset OfSpool(string spool, DateTimeOffset now) => servers.Min(s => s.OfSpool(spool, now));

    public DateTimeOffset OfHost(string host, DateTimeOffset now) => servers.Min(s => s.OfHost(host, now));

    public IHorizon AsOf(DateTimeOffset now) => new SpreadHorizon(map, [.. servers.Select(s => s.AsOf(now))]);

    public IHorizon OfShard(int shard) => servers[map.ServerOf(shard)];
}
