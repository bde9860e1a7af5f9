using Akka.Actor;
using Akka.Cluster;
using FtpActors.Actors.Deliveries;

namespace FtpActors.Actors.Clustering;

/// <summary>The nodes of the cluster by their names, for those who are no actors. Safe from any thread.</summary>
public sealed class ClusterNodes : IHosts
{
    private static readonly TimeSpan FindLimit = TimeSpan.FromSeconds(3);

    private readonly ActorSystem _system;
    private readonly Cluster _cluster;

    /// <param name="system">With the cluster as its provider.</param>
    public ClusterNodes(ActorSystem system)
    {
        (_system, _cluster) = (system, Cluster.Get(system));
        system.ActorOf(Props.Create(() => new Listener(this)), "cluster-nodes");
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>All members, by name.</summary>
    public IReadOnlyList<ClusterNode> All
    {
        get
        {
            var state = _cluster.State;
            return [.. state.Members.Select(member => Of(member, !state.Unreachable.Contains(member))).OrderBy(n => n.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>This node.</summary>
    public ClusterNode Self => Of(_cluster.SelfMember, isReachable: true);

    /// <summary>The node that leads: it moves members through their states.</summary>
    public Address? Leader => _cluster.State.Leader;

    /// <summary>A reachable node of a name; null when there is none.</summary>
    public ClusterNode? Find(string name) => All.FirstOrDefault(n => n.Name == name && n.IsUp);

    /// <inheritdoc/>
    public bool IsThere(string host) => Find(host) is not null;

    /// <inheritdoc/>
    public async Task<IActorRef?> FindAsync(string host)
    {
        if (Find(host) is not { } node)
            return null;
        try
        {
            return await _system.ActorSelection(node.Actor(HostActor.Name)).ResolveOne(FindLimit).ConfigureAwait(false);
        }
        catch (ActorNotFoundException)
        {
            // It went away between two looks.
            return null;
        }
    }

    private ClusterNode Of(Member member, bool isReachable) => new(
        member.Roles.FirstOrDefault(r => r.StartsWith(ClusterNode.NameRole, StringComparison.Ordinal))?[ClusterNode.NameRole.Length..] ?? member.Address.ToString(),
        [.. member.Roles.Where(r => !r.StartsWith(ClusterNode.NameRole, StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
        member.UniqueAddress, member.Status, isReachable, member.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    private sealed class Listener : ReceiveActor
    {
        private readonly Cluster _cluster = Cluster.Get(Context.System);

        public Listener(ClusterNodes nodes)
        {
            Receive<ClusterEvent.CurrentClusterState>(_ => nodes.Changed?.Invoke());
            Receive<ClusterEvent.IClusterDomainEvent>(_ => nodes.Changed?.Invoke());
        }

        protected override void PreStart() => _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

        protected override void PostStop() => _cluster.Unsubscribe(Self);
    }
}
