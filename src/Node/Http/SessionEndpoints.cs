using FtpActors.Journal;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/who</c> (open sessions) and <c>GET /api/sessions</c>.</summary>
internal static class SessionEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/who", async http =>
        {
            var q = new QueryReader(http.Request, node.Time.GetUtcNow(), "user", "host");
            await WriteAsync(http, node, new SessionQuery { Open = true, User = q.Text("user"), Host = q.Text("host") });
        });
        routes.MapGet("/api/sessions", async http =>
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
        await lines.WriteAllAsync(node.Store.Journal.QuerySessionsAsync(query, http.RequestAborted), SessionJson.Write);
    }
}
