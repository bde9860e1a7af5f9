using FtpActors.Journal;

namespace FtpActors.Actors.Placement;

/// <summary>A shard that its owner gives back so that another can take it.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="From">Its owner.</param>
/// <param name="To">Who should take it.</param>
/// <param name="IsOrdered">The owner is leaving: nothing has to be made sure of first.</param>
internal readonly record struct HandOver(int Shard, string From, string To, bool IsOrdered);

/// <summary>
/// Where every shard should be, from one look at the cluster. Nodes that see the same make the same plan. A live owner keeps its shards unless
/// another one is owed some; shards without an owner go to those who are owed, by rendezvous hashing among them.
/// </summary>
internal sealed class PlacementPlan
{
    private readonly List<Candidate> _candidates;
    private readonly string?[] _holders;
    private readonly Candidate?[] _keepers;
    private readonly Candidate?[] _targets;
    private readonly List<HandOver> _handOvers = [];

    /// <param name="view">The cluster.</param>
    /// <param name="own">Name of this node.</param>
    /// <param name="held">Shards that this node has, which it knows better than a look that may be older.</param>
    public PlacementPlan(ClusterView view, string own, IReadOnlySet<int> held)
    {
        var members = view.Members.Where(Candidate.Is).ToList();
        var weights = members.Sum(m => (long)m.Beat.Weight);
        _candidates = [.. members.Select(m => new Candidate(m, view.Shards.Count, weights))];
        // What a member that is not alive still holds is tried for: whoever takes it ends a holder that has been silent for a lease. Not what has no
        // known owner: it is being taken at this moment.
        var dead = view.Members.Where(m => !m.IsAlive).Select(m => m.Beat.Name).ToHashSet(StringComparer.Ordinal);
        _holders = [.. view.Shards.Select(s => held.Contains(s.Shard) ? own : s.IsHeld && !dead.Contains(s.Owner) ? s.Owner : null)];
        _keepers = [.. _holders.Select((holder, shard) => Allowed(shard).FirstOrDefault(c => c.Name == holder))];
        _targets = new Candidate?[_holders.Length];
        foreach (var keeper in _keepers)
        {
            if (keeper is not null)
                keeper.Load++;
        }
        Place();
        var leaving = view.Members.Where(m => m is { IsAlive: true, Beat.State: not MemberState.Down }).Select(m => m.Beat.Name).ToHashSet(StringComparer.Ordinal);
        for (var shard = 0; shard < _holders.Length; shard++)
        {
            if (_keepers[shard] is null && _holders[shard] is { } holder && leaving.Contains(holder) && _targets[shard] is { } target)
                _handOvers.Add(new HandOver(shard, holder, target.Name, IsOrdered: true));
        }
        Balance();
    }

    /// <summary>Hand-overs that are due, in the order in which all nodes carry them out.</summary>
    public IReadOnlyList<HandOver> HandOvers => _handOvers;

    /// <summary>Who has a shard's lock; null when nobody has, empty when it is being taken at this moment.</summary>
    public string? HolderOf(int shard) => _holders[shard];

    /// <summary>Whether a node has a shard and may keep it for the time being.</summary>
    public bool Keeps(string node, int shard) => _keepers[shard]?.Name == node;

    /// <summary>Who should take a shard that nobody may keep; null when there is no one.</summary>
    public string? TargetOf(int shard) => _targets[shard]?.Name;

    /// <summary>Place of a node in the line of those who may try for a shard without owner: 0 for the target; null when it may not.</summary>
    public int? RankOf(string node, int shard)
    {
        var line = Allowed(shard).OrderByDescending(c => c == _targets[shard]).ThenByDescending(c => c.Score(shard)).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Select(c => c.Name).ToList();
        var rank = line.IndexOf(node);
        return rank < 0 ? null : rank;
    }

    // What everybody refuses is better tried again than left lying.
    private IEnumerable<Candidate> Allowed(int shard) =>
        _candidates.Exists(c => !c.Refuses(shard)) ? _candidates.Where(c => !c.Refuses(shard)) : _candidates;

    // Pairs of shard and node by score, the best first, each node up to its share: whatever part of that has been carried out already, the rest is
    // planned as before. So nodes that look at different moments while many shards are taken still agree.
    private void Place()
    {
        ShareOut();
        var free = Enumerable.Range(0, _holders.Length).Where(s => _keepers[s] is null).ToList();
        var pairs = from shard in free
                    from candidate in Allowed(shard)
                    orderby candidate.Score(shard) descending, shard
                    select (Shard: shard, Candidate: candidate);
        foreach (var (shard, candidate) in pairs)
        {
            if (_targets[shard] is null && candidate.Load < candidate.Share)
                Target(shard, candidate);
        }
        // What those who have room refuse.
        foreach (var shard in free.Where(s => _targets[s] is null))
        {
            if (Allowed(shard).OrderByDescending(c => c.Owed).ThenBy(c => c.Name, StringComparer.Ordinal).FirstOrDefault() is { } target)
                Target(shard, target);
        }
    }

    private void Target(int shard, Candidate target)
    {
        target.Load++;
        _targets[shard] = target;
    }

    // Rounded up are those who have so many already, then those who lose most by rounding down.
    private void ShareOut()
    {
        var up = _holders.Length - _candidates.Sum(c => c.Least);
        foreach (var candidate in _candidates)
            candidate.Share = candidate.Least;
        foreach (var candidate in _candidates.Where(c => c.Most > c.Least).OrderByDescending(c => c.Load > c.Least)
            .ThenByDescending(c => c.Remainder).ThenBy(c => c.Name, StringComparer.Ordinal).Take(up))
            candidate.Share = candidate.Most;
    }

    // One move at a time until everybody has its share, rounded up or down: no fewer moves get there. Ends because each brings one
    // candidate nearer to its share and none further away.
    private void Balance()
    {
        var moved = new HashSet<int>();
        while (NextMove(moved) is var (shard, from, to))
        {
            moved.Add(shard);
            from.Load--;
            to.Load++;
            _handOvers.Add(new HandOver(shard, from.Name, to.Name, IsOrdered: false));
        }
    }

    private (int Shard, Candidate From, Candidate To)? NextMove(HashSet<int> moved)
    {
        var pairs = from to in _candidates
                    from giver in _candidates
                    where (to.Load < to.Least && giver.Load > giver.Least) || (giver.Load > giver.Most && to.Load < to.Most)
                    orderby to.Owed descending, giver.Owed, to.Name, giver.Name
                    select (From: giver, To: to);
        foreach (var (from, to) in pairs)
        {
            var shards = Enumerable.Range(0, _keepers.Length).Where(s => _keepers[s] == from && !moved.Contains(s) && !to.Refuses(s)).ToList();
            if (shards.Count > 0)
                return (shards.MaxBy(to.Score), from, to);
        }
        return null;
    }
}
