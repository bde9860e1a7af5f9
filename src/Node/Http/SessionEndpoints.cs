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
            var q = new QueryReader(http, node.Time.GetUtcNow());
            await WriteAsync(http, node, q, new SessionQuery { Open = true, User = q.Text("user"), Host = q.Text("host") });
        }).Describe("Open sessions, by the time they opened.", AnswerKind.Page, "Session", "user", "host");
        routes.MapGet("/api/v1/who/count", async http =>
        {
            var q = new QueryReader(http, node.Time.GetUtcNow());
            var by = q.Text("by") ?? "user";
            if (!Groups.TryGetValue(by, out var group))
                throw new BadQueryException($"'by={by}' is nothing to count by; known: {string.Join(", ", Groups.Keys)}.");
            var groups = await node.Engine.History.CountOpenSessionsAsync(group, q.Text("user"), q.Text("host"), http.RequestAborted);
            await JsonAnswer.ListAsync(http, groups, (json, each) => WriteGroup(json, by, each));
        }).Describe("Open sessions of all hosts in groups, the largest first.", AnswerKind.List, "SessionCount", "by", "user", "host");
        routes.MapGet("/api/v1/sessions", async http =>
        {
            var q = new QueryReader(http, node.Time.GetUtcNow());
            await WriteAsync(http, node, q, new SessionQuery
            {
                Since = q.Moment("since"), Until = q.Moment("until"), User = q.Text("user"), Host = q.Text("host"),
                Open = q.Flag("open"),
            });
        }).Describe(
            "Sessions, by the time they opened. since: something was heard of it since; until: opened before.", AnswerKind.Page, "Session", "since", "until", "user", "host", "open", "last");
    }

    private static Task WriteAsync(HttpContext http, FtpNode node, QueryReader q, SessionQuery query)
    {
        var page = q.Page();
        var after = page.Place<(DateTimeOffset, string)>(2, p => Page.Time(p[0]) is { } opened ? (opened, p[1]) : null);
        query = query with { After = after, Last = after is null ? page.Left : null };
        return JsonAnswer.PageAsync(
            http, node.Engine.History.QuerySessionsAsync(query, http.RequestAborted), page, s => $"{Page.Text(s.OpenedAt)},{s.Id}", SessionJson.Write);
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
