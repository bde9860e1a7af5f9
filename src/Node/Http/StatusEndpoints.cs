using FtpActors.Actors;
using System.Data.Common;
using System.Text.Json;
using FtpActors.Actors.Handlers;
using FtpActors.Ingest;
using FtpActors.Ingest.Shipping;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Hosting;
using FtpActors.Node.Telemetry;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/status</c>, <c>/api/v1/backlog</c> and <c>/api/v1/recent</c>.</summary>
internal static class StatusEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/backlog", async http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            var backlog = await Backlog.ReadAsync(node.Engine, node.Configuration.Node.Handler);
            var places = backlog.Handlers.SelectMany(h => h.Places, (h, place) => (h, place.Key, place.Value, backlog.Spool is { } own && own.Spool == place.Key ? own.LastSeq : place.Value));
            await JsonAnswer.ListAsync(http, places, static (json, s) => WriteShard(json, s.h, s.Key, s.Value, s.Item4));
        }).Describe("How far each handler is behind each spool.", AnswerKind.List, "Backlog");
        routes.MapGet("/api/v1/recent", http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            return JsonAnswer.ListAsync(http, node.Watch?.Recent ?? [], WritePoint);
        }).Describe("The last hour of this node since its start: events that were made durable, and the age of the oldest that waited.", AnswerKind.List, "RecentPoint");
        routes.MapGet("/api/v1/status", async http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            var (stored, trouble) = await ReadStoredAsync(node, http.RequestAborted);
            await JsonAnswer.OneAsync(http, (node, stored, trouble), static (json, s) => WriteStatus(json, s.node, s.stored, s.trouble));
        }).Describe("The node, its sources, and what is wrong with them.", AnswerKind.One, "Status");
    }

    private static void WritePoint(Utf8JsonWriter json, RecentPoint p)
    {
        json.WriteStartObject();
        EventJson.WriteTime(json, "at", p.At);
        json.WriteNumber("events_per_second", Math.Round(p.EventsPerSecond, 2));
        json.WriteNumber("lag_seconds", Math.Round(p.Lag, 3));
        json.WriteNumber("open_sessions", p.OpenSessions);
        json.WriteNumber("waiting", p.Waiting);
        json.WriteEndObject();
    }

    // A journal that cannot be written does not end the node: it has to say so.
    private static async Task<(Stored? Stored, string? Trouble)> ReadStoredAsync(FtpNode node, CancellationToken cancel)
    {
        try
        {
            return (new Stored(
                await Backlog.ReadAsync(node.Engine, node.Configuration.Node.Handler),
                node.Engine.HasHistory ? await node.Engine.History.CountDeliveriesAsync(cancel) : null), node.Engine.HistoryTrouble);
        }
        catch (Exception e) when (e is JournalException or DbException)
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
        json.WriteString("spool", stored?.Backlog.Spool?.Spool);
        json.WriteNumber("shards", node.Configuration.Journal.Shards);
        json.WriteString("journal_trouble", trouble);
        json.WriteString("cluster_trouble", node.Engine.Nodes is { } nodes ? ClusterReport.TroubleOf(nodes) : null);
        WriteForwarder(json, node.Engine.Shipper?.Status, stored?.Backlog.Spool);
        WriteNumber(json, "events", stored?.Backlog.Events);
        WriteNumber(json, "waiting", stored?.Backlog.Waiting);
        WriteNumber(json, "open_sessions", stored?.Backlog.OpenSessions);
        WriteNumber(json, "duplicates", stored?.Backlog.Handlers.Sum(h => h.Duplicates));
        WriteNumber(json, "reordered", stored?.Backlog.Handlers.Sum(h => h.Reordered));
        WriteNumber(json, "damaged_rows", stored?.Damaged);
        WriteNumber(json, "history_damaged", node.Engine.HasHistory ? node.Engine.History.Damage.Count : null);
        WriteNumber(json, "history_put_aside", node.Engine.HasHistory ? node.Engine.HistoryPutAside : null);
        if (node.Engine.HasHistory)
            json.WriteBoolean("history_checked", node.Engine.History.Damage.IsChecked);
        else
            json.WriteNull("history_checked");
        json.WriteNumber("rules", node.Book.Rules.Rules.Count);
        json.WriteNumber("users", node.Book.Users?.Users.Count ?? 0);
        json.WriteStartArray("user_problems");
        foreach (var problem in node.Book.Users?.Problems ?? [])
            json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WritePropertyName("deliveries");
        if (stored?.Deliveries is null)
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

    private static void WriteForwarder(Utf8JsonWriter json, ShipperStatus? s, SpoolStatus? spool)
    {
        json.WritePropertyName("forwarder");
        if (s is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("state", s.State);
        json.WriteString("trouble", s.Trouble);
        json.WriteNumber("shipped", s.Shipped);
        WriteNumber(json, "backlog", spool?.Backlog);
        WriteTime(json, "oldest_waiting", spool?.OldestWaiting);
        json.WriteString("last_error", s.LastError);
        WriteTime(json, "last_error_at", s.LastErrorAt);
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

    private static void WriteShard(Utf8JsonWriter json, HandlerStatus handler, string spool, long position, long head)
    {
        json.WriteStartObject();
        json.WriteNumber("shard", handler.Handler);
        json.WriteString("owner", handler.Node);
        json.WriteString("spool", spool);
        json.WriteNumber("row", handler.Row);
        json.WriteNumber("position", position);
        json.WriteNumber("head", head);
        json.WriteNumber("waiting", handler.Waiting);
        WriteTime(json, "oldest_waiting", handler.OldestWaiting);
        json.WriteNumber("duplicates", handler.Duplicates);
        json.WriteNumber("reordered", handler.Reordered);
        json.WriteEndObject();
    }

    private sealed record Stored(Backlog Backlog, IReadOnlyList<(string Rule, DeliveryState State, long Count)>? Deliveries)
    {
        public long Damaged => (Backlog.Spool?.Damaged ?? 0) + Backlog.Handlers.Sum(h => h.Damaged);
    }
}
