using FtpActors.Actors.Placement;
using FtpActors.Journal;

namespace FtpActors.Actors.Tests;

/// <summary>
/// Nodes that look at a cluster now and then, decide from what they saw, and act a little later; shards with a lock each. Frozen nodes keep
/// their locks for a lease and then act on what they had decided before they were frozen.
/// </summary>
internal sealed class PlacementSimulation
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private const int MostTakeMs = 1500;

    private readonly Random _random;
    private readonly string[] _lastOwner;
    private readonly TimeSpan[] _unownedSince;
    private readonly List<SimulatedNode> _nodes = [];
    private TimeSpan _allFineSince;

    public PlacementSimulation(int shards, int seed)
    {
        _random = new Random(seed);
        Owners = new SimulatedNode?[shards];
        _lastOwner = new string[shards];
        Array.Fill(_lastOwner, "");
        _unownedSince = new TimeSpan[shards];
    }

    public TimeSpan Now { get; private set; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Who has the lock of each shard.</summary>
    public SimulatedNode?[] Owners { get; }

    /// <summary>How often a shard was taken.</summary>
    public int Taken { get; private set; }

    /// <summary>How often a shard was taken by another than the one that had it last.</summary>
    public int Moved { get; private set; }

    public TimeSpan LastChange { get; private set; }

    /// <summary>Longest time that a shard was without owner while a node that could have taken it was there all the time.</summary>
    public TimeSpan LongestUnowned { get; private set; }

    /// <summary>Most shards that were without owner at a time.</summary>
    public int MostUnowned { get; private set; }

    public SimulatedNode Join(int weight)
    {
        var node = new SimulatedNode($"node{_nodes.Count}", weight, Now);
        _nodes.Add(node);
        return node;
    }

    public void Crash(SimulatedNode node)
    {
        node.IsRunning = false;
        node.IsFrozen = false;
        Free(node);
    }

    public void Restart(SimulatedNode node)
    {
        if (!node.IsRunning)
            node.Start(Now);
    }

    public void Freeze(SimulatedNode node)
    {
        if (node is { IsRunning: true, IsFrozen: false })
            (node.IsFrozen, node.FrozenSince) = (true, Now);
    }

    public void Refuse(SimulatedNode node, int shard, TimeSpan time) => node.Refusals[shard] = Now + time;

    public void ResetFigures() => (Taken, Moved, MostUnowned, LongestUnowned) = (0, 0, 0, TimeSpan.Zero);

    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Tick)
        {
            foreach (var node in _nodes.Where(n => n is { IsRunning: true, IsFrozen: true } && Now - n.FrozenSince > Lease && n.HasLease))
            {
                node.HasLease = false;
                Free(node);
            }
            foreach (var node in _nodes.Where(n => n is { IsRunning: true, IsFrozen: false }).ToList())
                Act(node);
            Measure();
        }
    }

    private void Act(SimulatedNode node)
    {
        // What was seen and decided before a freeze is carried out after it.
        if (node.Decided is { } want && Now >= node.ActsAt)
        {
            node.Decided = null;
            Carry(node, want);
        }
        Finish(node);
        if (Now < node.LooksAt)
            return;
        node.HasLease = true;
        node.LooksAt = Now + TimeSpan.FromMilliseconds(_random.Next(400, 600));
        var view = View();
        if (node.State == MemberState.Leaving && node.Held(Owners).Count == 0)
        {
            node.IsRunning = false;
            return;
        }
        var decision = node.Placement.Decide(view, node.Held(Owners), Now);
        node.Decided = decision.Want;
        node.ActsAt = Now + TimeSpan.FromMilliseconds(_random.Next(0, 300));
        foreach (var shard in decision.Refuse)
            Refuse(node, shard, TimeSpan.FromMinutes(5));
    }

    private void Carry(SimulatedNode node, IReadOnlySet<int> want)
    {
        for (var shard = 0; shard < Owners.Length; shard++)
        {
            if (Owners[shard] == node && !want.Contains(shard))
                (Owners[shard], LastChange) = (null, Now);
            if (!want.Contains(shard))
                node.Taking.Remove(shard);
            else if (Owners[shard] != node)
                node.Taking.TryAdd(shard, Now + TimeSpan.FromMilliseconds(_random.Next(0, MostTakeMs)));
        }
    }

    // A take that is withdrawn before it is done does nothing.
    private void Finish(SimulatedNode node)
    {
        foreach (var (shard, at) in node.Taking.Where(t => t.Value <= Now).ToList())
        {
            if (Owners[shard] is not null || node.CannotTake.Contains(shard))
                continue;
            node.Taking.Remove(shard);
            Take(node, shard);
        }
    }

    private void Take(SimulatedNode node, int shard)
    {
        (Owners[shard], LastChange) = (node, Now);
        Taken++;
        if (_lastOwner[shard] != node.Name && _lastOwner[shard].Length > 0)
            Moved++;
        _lastOwner[shard] = node.Name;
    }

    private void Free(SimulatedNode node)
    {
        for (var shard = 0; shard < Owners.Length; shard++)
        {
            if (Owners[shard] == node)
                (Owners[shard], LastChange) = (null, Now);
        }
    }

    private void Measure()
    {
        // One that could take shards all the time.
        var fine = _nodes.Any(n => n is { IsRunning: true, IsFrozen: false, State: MemberState.Up, CannotTake.Count: 0 } && n.Refusals.Count == 0);
        if (!fine)
            _allFineSince = Now + Tick;
        MostUnowned = Math.Max(MostUnowned, Owners.Count(o => o is null));
        for (var shard = 0; shard < Owners.Length; shard++)
        {
            if (Owners[shard] is not null)
                _unownedSince[shard] = Now + Tick;
            var since = _unownedSince[shard] > _allFineSince ? _unownedSince[shard] : _allFineSince;
            if (Now - since > LongestUnowned)
                LongestUnowned = Now - since;
        }
    }

    private ClusterView View() => new(
        [
            .. _nodes.Select(n => new Member(
                new MemberBeat(n.Name, Guid.Empty, ["handler"], n.Weight, "", "", n.State, n.RefusedAt(Now), null),
                n is { IsRunning: true, HasLease: true }, DateTimeOffset.UnixEpoch, TimeSpan.Zero)),
        ],
        [.. Owners.Select((owner, shard) => new ShardOwner(shard, 1, owner?.Name ?? _lastOwner[shard], owner is not null, null))]);
}

/// <summary>A node of a <see cref="PlacementSimulation"/>.</summary>
internal sealed class SimulatedNode
{
    public SimulatedNode(string name, int weight, TimeSpan now)
    {
        (Name, Weight) = (name, weight);
        Placement = new ShardPlacement(name);
        Start(now);
    }

    public string Name { get; }
    public int Weight { get; set; }
    public MemberState State { get; set; }
    public bool IsRunning { get; set; }
    public bool IsFrozen { get; set; }
    public TimeSpan FrozenSince { get; set; }

    /// <summary>The server still counts it as alive; a new one is from its first look on.</summary>
    public bool HasLease { get; set; }
    public TimeSpan LooksAt { get; set; }
    public IReadOnlySet<int>? Decided { get; set; }
    public TimeSpan ActsAt { get; set; }
    public ShardPlacement Placement { get; private set; }

    /// <summary>Until when it says that it refuses a shard.</summary>
    public Dictionary<int, TimeSpan> Refusals { get; } = [];

    /// <summary>Shards that it is taking, and when it is done with that.</summary>
    public Dictionary<int, TimeSpan> Taking { get; } = [];

    /// <summary>Shards that it tries for in vain.</summary>
    public HashSet<int> CannotTake { get; } = [];

    public void Start(TimeSpan now)
    {
        Placement = new ShardPlacement(Name);
        (IsRunning, IsFrozen, HasLease, LooksAt, Decided) = (true, false, false, now, null);
        State = State == MemberState.Leaving ? MemberState.Up : State;
        Refusals.Clear();
        Taking.Clear();
    }

    public HashSet<int> Held(SimulatedNode?[] owners) => [.. Enumerable.Range(0, owners.Length).Where(s => owners[s] == this)];

    public int[] RefusedAt(TimeSpan now)
    {
        foreach (var over in Refusals.Where(r => r.Value <= now).ToList())
            Refusals.Remove(over.Key);
        return [.. Refusals.Keys];
    }
}
