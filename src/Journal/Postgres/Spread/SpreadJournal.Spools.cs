using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres.Spread;

// What forwarders ask and order. Every server takes every batch and moves its own position over the whole of it, but keeps only the events of
// its shards: so each can be ahead of the others, and each knows by itself what it has had.
public sealed partial class SpreadJournal
{
    /// <inheritdoc/>
    public IReadOnlyList<ISpoolReceiver> Receivers => _receivers;

    /// <summary>Appends to all servers at once. When one of them fails, the others may have the batch: it is repeated as a whole, and they pass over it.</summary>
    /// <inheritdoc/>
    public Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null) =>
        Task.WhenAll(_servers.Select(s => s.AppendAsync(spool, host, after, events, horizon)));

    /// <summary>The least of all servers: what every one of them has.</summary>
    /// <inheritdoc/>
    public async Task<long> ReadSpoolSeqAsync(string spool) => (await OfAllAsync(s => s.ReadSpoolSeqAsync(spool)).ConfigureAwait(false)).Min();

    /// <inheritdoc/>
    public async Task<StoredEvent?> ReadSpooledAsync(string spool, long seq) =>
        (await OfAllAsync(s => s.ReadSpooledAsync(spool, seq)).ConfigureAwait(false)).FirstOrDefault(e => e is not null);

    /// <summary>On every server that does not stand behind them.</summary>
    /// <inheritdoc/>
    public async Task SkipAsync(string spool, string host, long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        var stand = await OfAllAsync(s => s.ReadSpoolSeqAsync(spool)).ConfigureAwait(false);
        if (stand.Min() != from)
            throw new InvalidOperationException($"Spool {spool} does not stand at {from} in this journal any more; nothing was skipped. Look again.");
        // The one that is furthest first: should a later one fail, the least is still where it was, and the same order can be given again.
        foreach (var (server, seq) in _servers.Zip(stand).Where(s => s.Second < to).OrderByDescending(s => s.Second))
            await server.SkipAsync(spool, host, seq, to).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReadSpoolsAsync() =>
        [.. (await OfAllAsync(s => s.ReadSpoolsAsync()).ConfigureAwait(false)).SelectMany(s => s).Distinct(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadSpoolsAsync(int shard) => Of(shard).ReadSpoolsAsync();
}
