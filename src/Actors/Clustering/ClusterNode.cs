using Akka.Actor;
using Akka.Cluster;

namespace FtpActors.Actors.Clustering;

/// <summary>A member of the cluster, as this node sees it.</summary>
/// <param name="Name">Its <c>node.name</c>.</param>
/// <param name="Roles">Its roles: <c>ingest</c>, <c>handler</c>, <c>authd</c>.</param>
/// <param name="Address">Where it is, with the number of its incarnation.</param>
/// <param name="Status">Its status in the cluster.</param>
/// <param name="IsReachable">This node hears from it.</param>
/// <param name="IsSelf">It is this node.</param>
public sealed record ClusterNode(string Name, IReadOnlyList<string> Roles, UniqueAddress Address, MemberStatus Status, bool IsReachable, bool IsSelf)
{
    /// <summary>Akka's roles have no values, so a member's name is one of its roles with this before it.</summary>
    public const string NameRole = "name-";

    /// <summary>It takes part: it can be asked.</summary>
    public bool IsUp => IsReachable && Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Leaving;

    /// <summary>Whether it has a role.</summary>
    public bool Has(string role) => Roles.Contains(role);

    /// <summary>An actor below <c>/user</c> there.</summary>
    public ActorPath Actor(string name) => new RootActorPath(Address.Address) / "user" / name;
}
