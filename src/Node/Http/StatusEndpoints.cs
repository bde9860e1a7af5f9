using System.Text.Json;
using FtpActors.Ingest;
using FtpActors.Ingest.Forwarding;
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
            var (stored, trouble) = await ReadStoredAsync(node);
            using var lines = new JsonLines(http);
            await lines.WriteAsync((node, stored, trouble), static (json, s) => WriteStatus(json, s.node, s.stored, s.trouble));
            await lines.FlushAsync();
        });
    }

    // A shared journal may be away for an hour: the node goes on reading, and has to say so.
    private static async Task<(Stored? Stored, string? Trouble)> ReadStoredAsync(FtpNode node)
    {
        try
        {
            return (new Stored(await node.Store.Journal.ReadBacklogAsync(), await node.Store.Deliveries.CountAsync()), null);
        }
        catch (JournalException e)
        {
            return (null, e.Message);
        }
    }

    private static void WriteStatus(Utf8JsonWriter json, FtpNode node, Stored? stored, string? trouble)
    {
        json.WriteStartObject();
        json.WriteString("node", node.Configuration.Node.Name);
        json.WriteString("version", FtpNode.Version);
        json.WriteBoolean("ready", node.IsReady);
        EventJson.WriteTime(json, "started_at", node.StartedAt);
        json.WriteNumber("uptime_seconds", Math.Round((node.Time.GetUtcNow() - node.StartedAt).TotalSeconds, 3));
        json.WriteString("configuration", node.Configuration.Tree.File);
        json.WriteString("spool", node.Store.Spool?.SpoolId);
        json.WriteNumber("shards", node.Configuration.Journal.Shards);
        json.WriteString("journal_trouble", trouble);
        WriteForwarder(json, node.Store.Forwarder?.Status);
        WriteNumber(json, "events", stored?.Events);
        WriteNumber(json, "waiting", stored?.Waiting);
        json.WriteNumber("open_sessions", node.OpenSessions);
        WriteNumber(json, "duplicates", stored?.Duplicates);
        WriteNumber(json, "reordered", stored?.Reordered);
        json.WriteNumber("rules", node.Book.Rules.Rules.Count);
        json.WriteNumber("users", node.Book.Users?.Users.Count ?? 0);
        json.WriteStartArray("user_problems");
        foreach (var problem in node.Book.Users?.Problems ?? [])
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WritePropertyName("deliveries");
        if (stored is null)
            json.WriteNullValue();
        else
            DeliveryJson.WriteCounts(json, stored.Deliveries);
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
        WriteNumber(json, "depth", s.Depth);
        json.WriteEndObject();
    }

    private static void WriteForwarder(Utf8JsonWriter json, ForwarderStatus? f)
    {
        json.WritePropertyName("forwarder");
        if (f is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("state", f.State);
        json.WriteString("trouble", f.Trouble);
        json.WriteNumber("shipped", f.Shipped);
        json.WriteNumber("backlog", f.Backlog);
        WriteTime(json, "oldest_waiting", f.OldestWaiting);
        json.WriteString("last_error", f.LastError);
        WriteTime(json, "last_error_at", f.LastErrorAt);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } n)
            json.WriteNumber(name, n);
        else
            json.WriteNull(name);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } t)
            EventJson.WriteTime(json, name, t);
        else
            json.WriteNull(name);
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
        WriteTime(json, "oldest_waiting", s.OldestWaiting);
        json.WriteNumber("duplicates", s.Duplicates);
        json.WriteNumber("reordered", s.Reordered);
        json.WriteEndObject();
    }

    // What the journal says. A shard has one line per spool, each with the shard's own counts; every spool counts its own events.
    private sealed record Stored(IReadOnlyList<ShardStatus> Shards, IReadOnlyList<(string Rule, DeliveryState State, long Count)> Deliveries)
    {
        private IEnumerable<ShardStatus> EachOnce => Shards.DistinctBy(s => s.Shard);

        public long Events => Shards.GroupBy(s => s.Spool).Sum(spool => spool.Max(s => s.Head));

        public long Waiting => Shards.Sum(s => s.Waiting);

        public long Duplicates => EachOnce.Sum(s => s.Duplicates);

        public long Reordered => EachOnce.Sum(s => s.Reordered);
    }
}
