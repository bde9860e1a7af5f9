using FtpActors.Journal;

namespace FtpActors.Node.Hosting;

/// <summary>A shard over all spools.</summary>
/// <param name="Owner">Who has it.</param>
/// <param name="Position">Sum over the spools of the seqs up to which it has applied.</param>
/// <param name="Head">Sum over the spools of the seqs of its last events.</param>
/// <param name="Waiting">Events stored but not applied.</param>
/// <param name="OldestWaiting">When the oldest of those was received; null when none waits.</param>
internal sealed record ShardProgress(ShardOwner Owner, long Position, long Head, long Waiting, DateTimeOffset? OldestWaiting)
{
    /// <summary>How far behind it is; zero when nothing waits. Of two hosts' clocks: the one that received the event and the one that asks.</summary>
    public TimeSpan Lag(DateTimeOffset now) => OldestWaiting is { } oldest && oldest < now ? now - oldest : TimeSpan.Zero;
}

/// <summary>The cluster as people ask for it, and what is wrong with it. Pure but for <see cref="ReadAsync"/>.</summary>
/// <param name="View">Members and owners.</param>
/// <param name="Shards">Every shard, by number.</param>
/// <param name="OnHosts">Deliveries that wait for one host.</param>
/// <param name="Now">When it was read.</param>
/// <param name="Limits">From when on something is behind.</param>
internal sealed record ClusterReport(
    ClusterView View, IReadOnlyList<ShardProgress> Shards, IReadOnlyList<HostBacklog> OnHosts, DateTimeOffset Now, BacklogLimits Limits)
{
    // A list that a person still reads; the rest is a number.
    private const int Named = 10;

    /// <summary>Asks the journal; it knows the whole cluster, so any node can.</summary>
    /// <exception cref="NotAClusterException">The node is alone.</exception>
    /// <exception cref="JournalUnavailableException">The journal is not there.</exception>
    public static async Task<ClusterReport> ReadAsync(FtpNode node)
    {
        var (view, now) = (await node.Cluster.ReadClusterAsync(), node.Time.GetUtcNow());
        var onHosts = node.Store.Shared is { } shared ? await shared.ReadHostsAsync(now) : [];
        return Of(view, await node.Store.Journal.ReadBacklogAsync(), onHosts, now, node.Configuration.Backlog);
    }

    /// <summary>Puts together what was read.</summary>
    public static ClusterReport Of(
        ClusterView view, IReadOnlyList<ShardStatus> backlog, IReadOnlyList<HostBacklog> onHosts, DateTimeOffset now, BacklogLimits limits)
    {
        var lines = backlog.ToLookup(s => s.Shard);
        var shards = view.Shards.Select(owner => new ShardProgress(
            owner, lines[owner.Shard].Sum(s => s.Position), lines[owner.Shard].Sum(s => s.Head), lines[owner.Shard].Sum(s => s.Waiting),
            lines[owner.Shard].Min(s => s.OldestWaiting)));
        return new ClusterReport(view, [.. shards], onHosts, now, limits);
    }

    /// <summary>Events that wait in the journal, over all shards.</summary>
    public long Waiting => Shards.Sum(s => s.Waiting);

    /// <summary>Lag of the shard that is farthest behind.</summary>
    public TimeSpan WorstLag => Shards.Select(s => s.Lag(Now)).DefaultIfEmpty().Max();

    /// <summary>Events in spools that have not reached the journal, as their nodes said last.</summary>
    public long Unshipped => View.Members.Sum(m => m.Beat.Backlog ?? 0);

    /// <summary>Members that are alive and may own shards.</summary>
    public IEnumerable<Member> Handlers => View.Members.Where(m => m.IsAlive && m.Beat.State == MemberState.Up && m.Beat.Roles.Contains("handler"));

    /// <summary>Shards that a member holds at this moment.</summary>
    public IEnumerable<ShardOwner> HeldBy(string member) => View.Shards.Where(s => s.IsHeld && s.Owner == member);

    /// <summary>One word for how a member is: <c>up leaving down lost left</c>. Lost is one that did not say that it goes.</summary>
    public static string StatusOf(Member member) => (member.Beat.State, member.IsAlive) switch
    {
        (MemberState.Down, _) => "down",
        (MemberState.Leaving, true) => "leaving",
        (MemberState.Leaving, false) => "left",
        (_, true) => "up",
        _ => "lost",
    };

    /// <summary>What a person should see to, each with the way out. None: the cluster is healthy.</summary>
    public IReadOnlyList<string> Problems => [.. Lost(), .. Owners(), .. Behind(), .. Waits()];

    private IEnumerable<string> Lost()
    {
        foreach (var member in View.Members.Where(m => StatusOf(m) == "lost"))
        {
            var name = member.Beat.Name;
            var kept = member.Beat.Backlog is > 0 and var backlog ? $" {backlog} events in its spool have not reached the journal: do not delete its data folder." : "";
            yield return $"{name} is lost: nothing was heard of it for {Text.Units.Span(member.Silence)}.{kept} Start it again, or strike it off: ftpactors cluster forget --node {name}";
        }
        foreach (var member in View.Members.Where(m => m.IsAlive && m.Beat.Refused.Count > 0))
            yield return $"{member.Beat.Name} cannot work on {Count("shard", member.Beat.Refused)}, which failed there again and again: its log says why.";
    }

    private IEnumerable<string> Owners()
    {
        if (!Handlers.Any())
            yield return "No handler is up: events are stored, but no session is rebuilt and no action runs. Start a node with the role 'handler'.";
        var free = View.Shards.Where(s => !s.IsHeld).Select(s => s.Shard).ToList();
        if (free.Count > 0)
            yield return $"Nobody owns {Count("shard", free)}.";
    }

    private IEnumerable<string> Behind()
    {
        if (Waiting > Limits.Events)
            yield return $"{Waiting} stored events wait to be applied (limit {Limits.Events}, handler.backlog_limit).";
        if (WorstLag > Limits.Age)
        {
            var worst = Shards.MaxBy(s => s.Lag(Now))!.Owner;
            yield return $"Shard {worst.Shard} of {(worst.Owner.Length > 0 ? worst.Owner : "nobody")} is {Text.Units.Span(WorstLag)} behind (limit {Text.Units.Span(Limits.Age)}, handler.backlog_age).";
        }
        foreach (var member in View.Members.Where(m => m.IsAlive && m.Beat.Backlog > Limits.Events))
            yield return $"{member.Beat.Backlog} events in the spool of {member.Beat.Name} have not reached the journal: its log says why.";
    }

    private IEnumerable<string> Waits()
    {
        foreach (var host in OnHosts)
        {
            var node = View.Members.FirstOrDefault(m => m.Beat.Name == host.Host);
            if (node is not { IsAlive: true })
                yield return $"{host.Due} deliveries wait for host {host.Host}, whose node is not alive: start it, or take them off with 'ftpactors deliveries drop'.";
            else if (Now - host.OldestDue > Limits.Age)
                yield return $"{host.Due} deliveries wait for host {host.Host}, the oldest for {Text.Units.Span(Now - host.OldestDue)}: ftpactors deliveries list --state due";
        }
    }

    private static string Count(string noun, IReadOnlyList<int> numbers)
    {
        var list = string.Join(", ", numbers.Take(Named)) + (numbers.Count > Named ? ", ..." : "");
        return numbers.Count == 1 ? $"{noun} {list}" : $"{numbers.Count} {noun}s ({list})";
    }
}
