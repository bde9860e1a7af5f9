using System.Data.Common;
using System.Text.Json;
using FtpActors.Actors;
using FtpActors.Node.Access;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/live</c>: open sessions as they change; <c>/api/v1/me</c>: who asks.</summary>
internal static class LiveEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node, CancellationToken stopping)
    {
        var sessions = new LiveSessions(node);
        routes.MapGet("/api/v1/live", http => FollowAsync(http, node, sessions, stopping)).Describe(
            "Open sessions as they change, once a second: those that are new or different (put), and the ids of those that ended (gone); all: everything else is gone. A client that comes back with "
            + "Last-Event-ID is told what it missed.", AnswerKind.Stream, "LiveChange");
        routes.MapGet("/api/v1/me", http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            return JsonAnswer.OneAsync(http, (Asker.Of(http), node), static (json, me) =>
            {
                json.WriteStartObject();
                json.WriteString("name", me.Item1.Name);
                json.WriteString("role", Roles.Of(me.Item1.Role));
                json.WriteString("node", me.node.Configuration.Node.Name);
                json.WriteBoolean("cluster", me.node.Configuration.Cluster is not null);
                json.WriteEndObject();
            });
        }).Describe("Who asks, what they may do, and whom.", AnswerKind.One, "Me");
    }

    private static async Task FollowAsync(HttpContext http, FtpNode node, LiveSessions sessions, CancellationToken stopping)
    {
        _ = new QueryReader(http, node.Time.GetUtcNow());
        var known = http.Request.Headers["Last-Event-ID"].ToString();
        using var stream = new EventStream(http);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            while (true)
            {
                if (await ReadAsync(sessions, known, cancel.Token) is { } change)
                {
                    if (change.IsAll || change.Id != known)
                        await stream.WriteAsync(change, Write);
                    known = change.Id;
                    stream.Mark(known);
                }
                // Also when nothing has changed: a client knows by it that the node lives.
                await stream.BeatAsync();
                await Task.Delay(LiveSessions.Every, node.Time, cancel.Token);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client left or the node drains.
        }
    }

    // A history that does not answer for a moment is asked again; the status says what is wrong.
    private static async Task<LiveChange?> ReadAsync(LiveSessions sessions, string known, CancellationToken cancel)
    {
        try
        {
            return await sessions.ReadAsync(known, cancel);
        }
        catch (Exception e) when (e is DbException or JournalException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter json, LiveChange change)
    {
        json.WriteStartObject();
        json.WriteBoolean("all", change.IsAll);
        json.WriteStartArray("put");
        foreach (var session in change.Put)
            SessionJson.Write(json, session);
        json.WriteEndArray();
        json.WriteStartArray("gone");
        foreach (var id in change.Gone)
            json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
