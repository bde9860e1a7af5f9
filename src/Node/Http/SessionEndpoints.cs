using FtpActors.Actors;
using System.Text.Json;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/who</c> (open sessions), <c>GET /api/v1/who/count</c> and <c>GET /api/v1/sessions</c>.</summary>
internal static class SessionEndpoints
{
    private static readonly Dictionary<string, SessionGroup> Groups = new(StringComparer.Ordinal)
    {
        ["user"] = SessionGroup.User, ["host"] = SessionGroup.Host, ["remote"] = SessionGroup.Remote,
    };

    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/who", async http =>
        {
            var q = new QueryReader(http.Request, node.Time.GetUtcNow(), "user", "host");
            await WriteAsync(http, node, new SessionQuery { Open = true, User = q.Text("user"), Host = q.Text("host") });
        });
        routes.MapGet("/api/v1/who/count", async http =>
        {
            var q = new QueryReader(http.Request, node.Time.GetUtcNow(), "by", "user", "host");
            var by = q.Text("by") ?? "user";
            if (!Groups.TryGetValue(by, out var group))
                throw new BadQueryException($"'by={by}' is nothing to count by; known: {string.Join(", ", Groups.Keys)}.");
            var groups = await node.Engine.History.CountOpenSessionsAsync(group, q.Text("user"), q.Text("host"), http.RequestAborted);
            using var lines = new JsonLines(http);
            foreach (var each in groups)
                await lines.WriteAsync((by, each), static (json, g) => WriteGroup(json, g.by, g.each));
            await lines.FlushAsync();
        });
        routes.MapGet("/api/v1/sessions", async http =>
        {
            var q = new QueryReader(http.Request, node.Time.GetUtcNow(), "since", "until", "user", "host", "open", "last");
            await WriteAsync(http, node, new SessionQuery
            {
                Since = q.Moment("since"), Until = q.Moment("until"), User = q.Text("user"), Host = q.Text("host"),
                Open = q.Flag("open"), Last = q.Count("last"),
            });
        });
    }

    private static async Task WriteAsync(HttpContext http, FtpNode node, SessionQuery query)
    {
        using var lines = new JsonLines(http);
        await lines.WriteAllAsync(node.Engine.History.QuerySessionsAsync(query, http.RequestAborted), SessionJson.Write);
    }

    private static void WriteGroup(Utf8JsonWriter json, string by, OpenSessions group)
    {
        json.WriteStartObject();
        json.WriteString("by", by);
        json.WriteString("name", group.Name);
        json.WriteNumber("sessions", group.Sessions);
        json.WriteNumber("uploading", group.Uploading);
        json.WriteNumber("downloading", group.Downloading);
        json.WriteEndObject();
    }
}
