using Akka.Actor;
using Akka.Cluster;
using FtpActors.Actors.Clustering;

namespace FtpActors.Node.Hosting;

/// <summary>Where a handler lives.</summary>
/// <param name="Handler">Its number.</param>
/// <param name="Owner">Name of the node; null when it lives nowhere just now.</param>
internal sealed record HandlerHome(int Handler, string? Owner);

/// <summary>The cluster as one node sees it.</summary>
/// <param name="Self">Name of that node.</param>
/// <param name="Members">The members.</param>
/// <param name="Leader">Address of the one that leads; null when there is none.</param>
/// <param name="Handlers">Where the handlers live.</param>
/// <param name="Problems">What is not as it should be, for a person.</param>
internal sealed record ClusterReport(
    string Self, IReadOnlyList<ClusterNode> Members, Address? Leader, IReadOnlyList<HandlerHome> Handlers, IReadOnlyList<string> Problems)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Reads it.</summary>
    public static async Task<ClusterReport> ReadAsync(ClusterNodes nodes, Engine engine)
    {
        var (members, self) = (nodes.All, nodes.Self);
        var homes = await ReadHomesAsync(members, engine);
        return new ClusterReport(self.Name, members, nodes.Leader, homes, [.. Look(members, self, homes)]);
    }

    /// <summary>The handlers that live on a node.</summary>
    public IEnumerable<int> HandlersOf(string node) => Handlers.Where(h => h.Owner == node).Select(h => h.Handler);

    /// <summary>What is not as it should be for a node, as far as it knows without asking anybody; null when all is well.</summary>
    public static string? TroubleOf(ClusterNodes nodes) => LookAt(nodes.All, nodes.Self).FirstOrDefault();

    private static async Task<IReadOnlyList<HandlerHome>> ReadHomesAsync(IReadOnlyList<ClusterNode> members, Engine engine)
    {
        var places = members.Any(m => m.IsUp && m.Has(Shards.Role)) ? await engine.ReadHandlerPlacesAsync(Patience) : new Dictionary<int, Address>();
        return [.. Enumerable.Range(0, engine.HandlerCount).Select(handler => new HandlerHome(
            handler, places.TryGetValue(handler, out var at) ? members.FirstOrDefault(m => m.Address.Address == at)?.Name ?? at.ToString() : null))];
    }

    private static IEnumerable<string> Look(IReadOnlyList<ClusterNode> members, ClusterNode self, IReadOnlyList<HandlerHome> homes)
    {
        foreach (var trouble in LookAt(members, self))
            yield return trouble;
        if (members.Any(m => m.IsUp && m.Has(Shards.Role)) && homes.Count(h => h.Owner is null) is > 0 and var homeless)
            yield return $"{homeless} of {homes.Count} handlers live nowhere just now; this passes within seconds after a node came or went.";
    }

    private static IEnumerable<string> LookAt(IReadOnlyList<ClusterNode> members, ClusterNode self)
    {
        if (self.Status is MemberStatus.Removed or MemberStatus.Joining)
            yield return $"{self.Name} is in no cluster yet: none of its cluster.seeds answers, or not enough of the nodes of its cluster.bootstrap. It goes on trying; what it reads waits in its spool.";
        foreach (var away in members.Where(m => !m.IsReachable))
            yield return $"{away.Name} at {away.Address.Address.Host}:{away.Address.Address.Port} is not reachable.";
        if (!members.Any(m => m.IsUp && m.Has(Shards.Role)))
            yield return "No handler node is up: events wait in the spools of their hosts. Start a node with the role \"handler\".";
    }
}
