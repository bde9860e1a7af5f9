using FtpActors.Journal;

namespace FtpActors.Actors.Placement;

/// <summary>Why a shard is to move.</summary>
public enum MoveReason
{
    /// <summary>Nobody has it.</summary>
    Free,
    /// <summary>Its owner is leaving.</summary>
    Leaving,
    /// <summary>Its owner has more than its share and another one less.</summary>
    Balance,
}

/// <summary>A shard that the members are about to move.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="From">Who has it; null when nobody does.</param>
/// <param name="To">Who should have it; null when nobody can.</param>
/// <param name="Reason">Why.</param>
public sealed record PlannedMove(int Shard, string? From, string? To, MoveReason Reason)
{
    /// <summary>
    /// What the members do about a cluster as it is, in the order in which they do it. They need nobody to tell them to: with each look they make
    /// this plan. None: everything is where it should be.
    /// </summary>
    public static IReadOnlyList<PlannedMove> AllOf(ClusterView view)
    {
        // A stranger's look: it has no shards of its own that it knows better.
        var plan = new PlacementPlan(view, "", new HashSet<int>());
        var free = Enumerable.Range(0, view.Shards.Count).Where(shard => plan.HolderOf(shard) is null)
            .Select(shard => new PlannedMove(shard, null, plan.TargetOf(shard), MoveReason.Free));
        var handOvers = plan.HandOvers.Select(h => new PlannedMove(h.Shard, h.From, h.To, h.IsOrdered ? MoveReason.Leaving : MoveReason.Balance));
        return [.. free, .. handOvers];
    }
}
