using FtpActors.Journal;

namespace FtpActors.Actors.Placement;

/// <summary>What a node should do after a look at the cluster.</summary>
/// <param name="Want">Shards that it should have: keep them, take them. Others it gives back.</param>
/// <param name="Refuse">Shards that it should have but has not got for so long that others should.</param>
public sealed record PlacementDecision(IReadOnlySet<int> Want, IReadOnlyList<int> Refuse);

/// <summary>
/// Decides which shards this node should have. There is no leader: every node makes the same plan from what it sees, tries for its own part, and
/// the lock of each shard decides where two saw different things. Pure: no clock, no I/O; what it remembers is since when it has seen something.
/// </summary>
/// <param name="own">Name of this node.</param>
public sealed class ShardPlacement(string own)
{
    /// <summary>Most shards of the cluster that are without owner because of hand-overs at a time.</summary>
    public const int HandOversAtATime = 2;

    /// <summary>A hand-over for balance has to be due for so long, in every look: a cluster that is just starting has settled by then.</summary>
    public static readonly TimeSpan Confirm = TimeSpan.FromSeconds(1);

    /// <summary>
    /// While nodes arrive nobody takes what lies free and nothing is balanced: a cluster that starts, or grows by several, is shared once instead of
    /// anew with each of them. It has settled so long after the last arrival.
    /// </summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);

    /// <summary>After so long it counts as settled, whoever still arrives.</summary>
    public static readonly TimeSpan LongestSettle = TimeSpan.FromSeconds(5);

    /// <summary>How long a node leaves a shard to each of those that rank before it. On a busy machine a take may well last seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>
    /// How long a node tries for a shard that nobody has before it leaves it to others: less than their patience, or they would take it, find
    /// themselves with more than their share, and give it back for ever.
    /// </summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromSeconds(5);

    // Without a look for so long, nothing is known to have lasted.
    private static readonly TimeSpan Blink = TimeSpan.FromSeconds(3);

    // One entry per shard at most, each.
    private readonly Dictionary<int, TimeSpan> _unowned = [];
    private readonly Dictionary<int, TimeSpan> _tried = [];
    private readonly Dictionary<int, TimeSpan> _due = [];
    // Handlers of the last look: as many as the cluster has.
    private HashSet<string> _known = [];
    private TimeSpan _firstArrival;
    private TimeSpan _lastArrival;
    private TimeSpan? _lastLook;

    /// <summary>One look.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="held">Shards that this node has.</param>
    /// <param name="now">By any clock that never goes back.</param>
    public PlacementDecision Decide(ClusterView view, IReadOnlySet<int> held, TimeSpan now)
    {
        if (_lastLook is { } last && now - last > Blink)
            Forget();
        _lastLook = now;

        var self = view.Members.FirstOrDefault(m => m.Beat.Name == own);
        if (self is null or { Beat.State: MemberState.Down } || !self.Beat.Roles.Contains("handler"))
        {
            Forget();
            return new PlacementDecision(new HashSet<int>(), []);
        }

        var plan = new PlacementPlan(view, own, held);
        var shards = Enumerable.Range(0, view.Shards.Count).ToList();
        var settled = HasSettled(view, now);
        Note(_unowned, shards.Where(s => settled && plan.HolderOf(s) is null), now);
        Note(_due, plan.HandOvers.Where(h => h.From == own && (settled || h.IsOrdered)).Select(h => h.Shard), now);
        var given = Given(plan, shards, now);
        var tries = shards.Where(s => plan.HolderOf(s) is null && IsMyTurn(plan, s, now)).ToList();
        Note(_tried, tries, now);

        var want = shards.Where(s => !given.Contains(s) && Keeps(plan, self, s)).Concat(tries).ToHashSet();
        var refuse = tries.Where(s => now - _tried[s] >= GiveUp && view.Members.Any(m => m.Beat.Name != own && Candidate.Is(m) && !m.Beat.Refused.Contains(s)));
        return new PlacementDecision(want, [.. refuse]);
    }

    // One that leaves keeps what has somewhere to go until it is its turn to go there.
    private bool Keeps(PlacementPlan plan, Member self, int shard) => plan.HolderOf(shard) == own
        && (plan.Keeps(own, shard) || (self.Beat.State == MemberState.Leaving && plan.TargetOf(shard) is not null));

    private bool IsMyTurn(PlacementPlan plan, int shard, TimeSpan now) =>
        _unowned.TryGetValue(shard, out var since) && plan.RankOf(own, shard) is { } rank && now - since >= rank * Patience;

    private bool HasSettled(ClusterView view, TimeSpan now)
    {
        var handlers = view.Members.Where(Candidate.Is).Select(m => m.Beat.Name).ToHashSet(StringComparer.Ordinal);
        if (!handlers.IsSubsetOf(_known))
        {
            // The first one ever, or the first after a rest.
            if (_known.Count == 0 || now - _lastArrival >= Settle)
                _firstArrival = now;
            _lastArrival = now;
        }
        _known = handlers;
        return now - _lastArrival >= Settle || now - _firstArrival >= LongestSettle;
    }

    private HashSet<int> Given(PlacementPlan plan, List<int> shards, TimeSpan now)
    {
        var lying = shards.Count(s => plan.HolderOf(s) is null or "" && plan.TargetOf(s) is not null);
        return
        [
            .. plan.HandOvers.Take(Math.Max(0, HandOversAtATime - lying))
                .Where(h => _due.TryGetValue(h.Shard, out var since) && (h.IsOrdered || now - since >= Confirm)).Select(h => h.Shard),
        ];
    }

    private void Forget()
    {
        _unowned.Clear();
        _tried.Clear();
        _due.Clear();
        _known.Clear();
    }

    private static void Note(Dictionary<int, TimeSpan> since, IEnumerable<int> seen, TimeSpan now)
    {
        var still = seen.ToHashSet();
        foreach (var gone in since.Keys.Where(k => !still.Contains(k)).ToList())
            since.Remove(gone);
        foreach (var key in still)
            since.TryAdd(key, now);
    }
}
