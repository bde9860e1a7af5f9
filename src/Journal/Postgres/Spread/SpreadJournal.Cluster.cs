namespace FtpActors.Journal.Postgres.Spread;

// Members and orders live on the first server. While it is away no shard changes its owner, and the owners of shards on the others go on.
public sealed partial class SpreadJournal
{
    /// <inheritdoc/>
    public Task<ClusterView> BeatAsync(MemberBeat beat) => _looks.CompleteAsync(First.BeatAsync(beat));

    /// <inheritdoc/>
    public Task<ClusterView> ReadClusterAsync() => _looks.CompleteAsync(First.ReadClusterAsync());

    /// <inheritdoc/>
    public Task ResignAsync() => First.ResignAsync();

    /// <summary>The order is the first server's; one of <see cref="MemberOrder.Down"/> ends what the member holds on every server.</summary>
    /// <inheritdoc/>
    public async Task<bool> OrderAsync(string member, MemberOrder order)
    {
        var known = await First.OrderAsync(member, order).ConfigureAwait(false);
        if (known && order == MemberOrder.Down)
            await Task.WhenAll(_servers[1..].Select(s => s.EndShardsAsync(member))).ConfigureAwait(false);
        return known;
    }

    /// <inheritdoc/>
    public void OnChange(Action changed) => Array.ForEach(_servers, s => s.OnChange(changed));
}
