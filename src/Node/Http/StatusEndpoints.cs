using System.Text.Json;
using FtpActors.Ingest;
using FtpActors.Journal;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/status</c>, <c>/api/backlog</c> and <c>/healthz</c>.</summary>
internal static class StatusEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/healthz", async http =>
        {
            http.Response.StatusCode = node.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            await http.Response.WriteAsync(node.IsReady ? "ready\n" : "starting or draining\n");
        });
        routes.MapGet("/api/backlog", async http =>
        {
            _ = new QueryReader(http.Request, node.Time.GetUtcNow());
            using var lines = new JsonLines(http);
            foreach (var shard in await node.Store.Journal.ReadBacklogAsync())
                await lines.WriteAsync(shard, WriteShard);
            await lines.FlushAsync();
        });
        routes.MapGet("/api/status", async http =>
        {
            _ = new QueryReader(http.Request, node.Time.GetUtcNow());
            var shards = await node.Store.Journal.ReadBacklogAsync();
            using var lines = new JsonLines(http);
            var deliveries = await node.Store.Deliveries.CountAsync();
            await lines.WriteAsync((node, shards, deliveries), static (json, s) => WriteStatus(json, s.node, s.shards, s.deliveries));
            await lines.FlushAsync();
        });
    }

    private static void WriteStatus(
        Utf8JsonWriter json, FtpNode node, IReadOnlyList<ShardStatus> shards, IReadOnlyList<(string Rule, DeliveryState State, long Count)> deliveries)
    {
        // A shard has one line per spool, each with the shard's own counts.
        var perShard = shards.DistinctBy(s => s.Shard).ToList();
        json.WriteStartObject();
        json.WriteString("node", node.Configuration.Node.Name);
        json.WriteString("version", FtpNode.Version);
        json.WriteBoolean("ready", node.IsReady);
        EventJson.WriteTime(json, "started_at", node.StartedAt);
        json.WriteNumber("uptime_seconds", Math.Round((node.Time.GetUtcNow() - node.StartedAt).TotalSeconds, 3));
        json.WriteString("configuration", node.Configuration.Tree.File);
        json.WriteString("spool", node.Store.Spool?.SpoolId);
        json.WriteNumber("shards", node.Store.Journal.Shards);
        json.WriteNumber("events", shards.Select(s => s.Head).DefaultIfEmpty(0).Max());
        json.WriteNumber("waiting", shards.Sum(s => s.Waiting));
        json.WriteNumber("open_sessions", node.OpenSessions);
        json.WriteNumber("duplicates", perShard.Sum(s => s.Duplicates));
        json.WriteNumber("reordered", perShard.Sum(s => s.Reordered));
        json.WriteNumber("rules", node.Book.Rules.Rules.Count);
        json.WriteNumber("users", node.Book.Users?.Users.Count ?? 0);
        json.WriteStartArray("user_problems");
        foreach (var problem in node.Book.Users?.Problems ?? [])
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WritePropertyName("deliveries");
        DeliveryJson.WriteCounts(json, deliveries);
        json.WriteStartArray("sources");
        foreach (var source in node.Sources)
            WriteSource(json, source);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, SourceStatus s)
    {
        json.WriteStartObject();
        json.WriteString("name", s.Name);
        json.WriteString("kind", s.Kind);
        json.WriteString("state", s.State);
        json.WriteString("trouble", s.Trouble);
        json.WriteStartArray("warnings");
        foreach (var warning in s.Warnings)
            json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteNumber("messages", s.Messages);
        json.WriteNumber("quarantined", s.Quarantined);
        json.WriteNumber("dropped", s.Dropped);
        json.WriteNumber("refused", s.Refused);
        if (s.Depth is { } depth)
            json.WriteNumber("depth", depth);
        else
            json.WriteNull("depth");
        json.WriteEndObject();
    }

    private static void WriteShard(Utf8JsonWriter json, ShardStatus s)
    {
        json.WriteStartObject();
        json.WriteNumber("shard", s.Shard);
        json.WriteNumber("epoch", s.Epoch);
        json.WriteString("owner", s.Owner);
        json.WriteString("spool", s.Spool);
        json.WriteNumber("position", s.Position);
        json.WriteNumber("head", s.Head);
        json.WriteNumber("waiting", s.Waiting);
        if (s.OldestWaiting is { } oldest)
            EventJson.WriteTime(json, "oldest_waiting", oldest);
        else
            json.WriteNull("oldest_waiting");
        json.WriteNumber("duplicates", s.Duplicates);
        json.WriteNumber("reordered", s.Reordered);
        json.WriteEndObject();
    }
}
