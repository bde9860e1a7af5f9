using Akka.Actor;
using Akka.Cluster;
using FtpActors.Actors.Clustering;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>/api/v1/cluster</c>: the members as this node sees them, where the handlers live, and orders to members. With the meaning of Akka.Cluster's own commands.</summary>
internal static class ClusterEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/cluster", http => AnswerAsync(http, node, async nodes =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            await JsonAnswer.OneAsync(http, await ClusterReport.ReadAsync(nodes, node.Engine), ClusterJson.Write);
        })).Describe("The cluster as this node sees it; 409 on a node that is alone.", AnswerKind.One, "Cluster");
        routes.MapGet("/api/v1/cluster/shards", http => AnswerAsync(http, node, async nodes =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            await JsonAnswer.ListAsync(http, (await ClusterReport.ReadAsync(nodes, node.Engine)).Handlers, ClusterJson.WriteHandler);
        })).Describe("Where each handler lives; null when nowhere just now.", AnswerKind.List, "Shard");
        routes.MapPost("/api/v1/cluster/leave", http => AnswerAsync(http, node, async nodes =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            await JsonAnswer.OneAsync(http, ("leaves", (IReadOnlyList<ClusterNode>)[nodes.Self]), ClusterJson.WriteOrder);
            // In the order of the way, which Akka's own order to leave would begin with the handlers. Nobody waits for it here: it ends this server, too.
            _ = CoordinatedShutdown.Get(node.Engine.System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
        })).Describe("The node drains, its handlers go to others, and its process ends.", AnswerKind.One, "ClusterOrder");
        routes.MapPost("/api/v1/cluster/down", http => AnswerAsync(http, node, nodes => DownAsync(http, node, nodes)))
            .Describe("Takes a member off the cluster at once.", AnswerKind.One, "ClusterOrder", "member");
        routes.MapPost("/api/v1/cluster/down-unreachable", http => AnswerAsync(http, node, async nodes =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            var away = nodes.All.Where(n => !n.IsReachable).ToList();
            foreach (var member in away)
                Cluster.Get(node.Engine.System).Down(member.Address.Address);
            await JsonAnswer.OneAsync(http, ("is down", (IReadOnlyList<ClusterNode>)away), ClusterJson.WriteOrder);
        })).Describe("Takes all members off the cluster that cannot be reached.", AnswerKind.One, "ClusterOrder");
        routes.MapPost("/api/v1/cluster/join", http => AnswerAsync(http, node, async nodes =>
        {
            var address = new QueryReader(http, node.Time.GetUtcNow()).Text("address");
            var own = Cluster.Get(node.Engine.System).SelfAddress;
            if (address?.LastIndexOf(':') is not (> 0 and var colon) || !int.TryParse(address[(colon + 1)..], out var port))
                throw new BadQueryException("'address' must be HOST:PORT of a member: what its cluster.listen says.");
            if (nodes.Self.Status is not MemberStatus.Removed and not MemberStatus.Joining)
            {
                await Problems.WriteAsync(http, StatusCodes.Status409Conflict, $"This node is a member already ({nodes.Self.Status}); it can only join anew after it has left.");
                return;
            }
            Cluster.Get(node.Engine.System).Join(own.WithHost(address[..colon]).WithPort(port));
            await JsonAnswer.OneAsync(http, ("joins", (IReadOnlyList<ClusterNode>)[nodes.Self]), ClusterJson.WriteOrder);
        })).Describe("Joins by a member when no seed answers; 409 when the node is a member already.", AnswerKind.One, "ClusterOrder", "address");
    }

    private static async Task DownAsync(HttpContext http, FtpNode node, ClusterNodes nodes)
    {
        var name = new QueryReader(http, node.Time.GetUtcNow()).Text("member") ?? throw new BadQueryException("'member' must be the name of a member.");
        var members = nodes.All.Where(n => n.Name == name).ToList();
        if (members.Count == 0)
        {
            await Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is no member '{name}' in the cluster; known: {string.Join(", ", nodes.All.Select(n => n.Name))}.");
            return;
        }
        foreach (var member in members)
            Cluster.Get(node.Engine.System).Down(member.Address.Address);
        await JsonAnswer.OneAsync(http, ("is down", (IReadOnlyList<ClusterNode>)members), ClusterJson.WriteOrder);
    }

    private static async Task AnswerAsync(HttpContext http, FtpNode node, Func<ClusterNodes, Task> answer)
    {
        if (node.Engine.Nodes is { } nodes)
            await answer(nodes);
        else
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, "This node is alone: its configuration has no section \"cluster\".");
    }
}
