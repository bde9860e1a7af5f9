namespace FtpActors.Journal.Postgres.Spread;

// A replay is recorded on every server, where the moves of its shards are checked and counted; what the first one says of its state counts.
// It needs all servers, and pauses while one is away.
public sealed partial class SpreadJournal
{
    async Task IReplays.CreateReplayAsync(string id, string parameters)
    {
        // On the first one last: what it does not have does not exist, and may be created again.
        await Task.WhenAll(_servers[1..].Select(s => s.TryCreateReplayAsync(id, parameters))).ConfigureAwait(false);
        await _replays[0].CreateReplayAsync(id, parameters).ConfigureAwait(false);
    }

    async Task<ReplayRecord?> IReplays.ReadReplayAsync(string id)
    {
        var records = await Task.WhenAll(_replays.Select(s => s.ReadReplayAsync(id))).ConfigureAwait(false);
        return records[0] is { } first ? Whole(first, [.. records.OfType<ReplayRecord>()]) : null;
    }

    async Task<IReadOnlyList<ReplayRecord>> IReplays.ListReplaysAsync()
    {
        var lists = await Task.WhenAll(_replays.Select(s => s.ListReplaysAsync())).ConfigureAwait(false);
        var parts = lists.SelectMany(l => l).ToLookup(r => r.Id, StringComparer.Ordinal);
        return [.. lists[0].Select(first => Whole(first, [.. parts[first.Id]]))];
    }

    Task<int> IReplays.MoveReplayAsync(ReplayMove move) => _replays[_map.ServerOf(move.Shard)].MoveReplayAsync(move);

    async Task IReplays.SetReplayStateAsync(string id, ReplayState state)
    {
        await _replays[0].SetReplayStateAsync(id, state).ConfigureAwait(false);
        await Task.WhenAll(_replays[1..].Select(s => s.SetReplayStateAsync(id, state))).ConfigureAwait(false);
    }

    async Task<TimeSpan?> IReplays.ClaimReplayAsync(string id, Guid runner)
    {
        // The first one decides between two who ask at once; a claim of a run that is gone may end a little later on another server.
        if (await _replays[0].ClaimReplayAsync(id, runner).ConfigureAwait(false) is not { } shortest)
            return null;
        foreach (var claim in await Task.WhenAll(_replays[1..].Select(s => s.ClaimReplayAsync(id, runner))).ConfigureAwait(false))
        {
            if (claim is not { } there)
                return null;
            shortest = there < shortest ? there : shortest;
        }
        return shortest;
    }

    Task IReplays.ReleaseReplayAsync(string id, Guid runner) => Task.WhenAll(_replays.Select(s => s.ReleaseReplayAsync(id, runner)));

    IAsyncEnumerable<ScanPage> IReplays.ScanAsync(int shard, string spool, long after, ScanQuery query, CancellationToken cancel) =>
        _replays[_map.ServerOf(shard)].ScanAsync(shard, spool, after, query, cancel);

    Task IReplays.ReplaceSessionsAsync(int shard, long? epoch, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted) =>
        _replays[_map.ServerOf(shard)].ReplaceSessionsAsync(shard, epoch, sessions, deleted);

    private static ReplayRecord Whole(ReplayRecord first, IReadOnlyList<ReplayRecord> parts) => first with
    {
        ChangedAt = parts.Max(p => p.ChangedAt), Read = parts.Sum(p => p.Read), Matched = parts.Sum(p => p.Matched), Made = parts.Sum(p => p.Made),
        Positions = [.. parts.SelectMany(p => p.Positions).OrderBy(p => p.Shard)],
    };
}
