using FtpActors.Actors.Placement;
using FtpActors.Journal;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>/api/cluster</c>: members and shards of the whole cluster, from whichever node is asked, and orders to members.</summary>
internal static class ClusterEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/cluster", async http =>
        {
            _ = new QueryReader(http.Request, node.Time.GetUtcNow());
            var report = await ClusterReport.ReadAsync(node);
            using var lines = new JsonLines(http);
            await lines.WriteAsync((node.Configuration.Node.Name, report), ClusterJson.Write);
            await lines.FlushAsync();
        });
        routes.MapGet("/api/cluster/shards", async http =>
        {
            _ = new QueryReader(http.Request, node.Time.GetUtcNow());
            var report = await ClusterReport.ReadAsync(node);
            using var lines = new JsonLines(http);
            foreach (var shard in report.Shards)
                await lines.WriteAsync((shard, report.Now), ClusterJson.WriteShard);
            await lines.FlushAsync();
        });
        routes.MapGet("/api/cluster/plan", async http =>
        {
            _ = new QueryReader(http.Request, node.Time.GetUtcNow());
            var moves = PlannedMove.AllOf(await node.Cluster.ReadClusterAsync());
            using var lines = new JsonLines(http);
            foreach (var move in moves)
                await lines.WriteAsync(move, ClusterJson.WriteMove);
            await lines.FlushAsync();
        });
        routes.MapPost("/api/cluster/members/{name}/leave", (HttpContext http, string name) => OrderAsync(http, node, name, MemberOrder.Leave));
        routes.MapPost("/api/cluster/members/{name}/join", (HttpContext http, string name) => OrderAsync(http, node, name, MemberOrder.Join));
        routes.MapPost("/api/cluster/members/{name}/down", (HttpContext http, string name) => OrderAsync(http, node, name, MemberOrder.Down));
        routes.MapDelete("/api/cluster/members/{name}", (HttpContext http, string name) => OrderAsync(http, node, name, MemberOrder.Forget));
    }

    private static async Task OrderAsync(HttpContext http, FtpNode node, string name, MemberOrder order)
    {
        _ = new QueryReader(http.Request, node.Time.GetUtcNow());
        var report = await ClusterReport.ReadAsync(node);
        var member = report.View.Members.FirstOrDefault(m => m.Beat.Name == name);
        if (member is null)
        {
            await NoSuchAsync(http, report, name);
            return;
        }
        if (Obstacle(member, order) is { } obstacle)
        {
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, obstacle);
            return;
        }
        IReadOnlyList<int> shards = [.. report.HeldBy(name).Select(s => s.Shard)];
        try
        {
            if (!await node.Cluster.OrderAsync(name, order))
            {
                await NoSuchAsync(http, report, name);
                return;
            }
        }
        catch (MemberAliveException e)
        {
            // It came back since the look.
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, e.Message);
            return;
        }
        using var lines = new JsonLines(http);
        await lines.WriteAsync((name, order.ToString().ToLowerInvariant(), shards), ClusterJson.WriteOrder);
        await lines.FlushAsync();
    }

    private static string? Obstacle(Member member, MemberOrder order) => order switch
    {
        MemberOrder.Leave when !member.IsAlive =>
            $"{member.Beat.Name} is not alive, so it owns nothing that it could give back. To strike it off: ftpactors cluster forget --node {member.Beat.Name}",
        MemberOrder.Forget when member.IsAlive =>
            $"{member.Beat.Name} is alive and would only come back. Have it leave first: ftpactors cluster leave --node {member.Beat.Name}",
        _ => null,
    };

    private static Task NoSuchAsync(HttpContext http, ClusterReport report, string name) => Problems.WriteAsync(
        http, StatusCodes.Status404NotFound, $"There is no member '{name}' in the cluster; known: {string.Join(", ", report.View.Members.Select(m => m.Beat.Name))}.");
}
