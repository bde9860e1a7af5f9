using FtpActors.Actors;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/events</c>: stored events, and with <c>follow=true</c> new ones as they become durable.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node, CancellationToken stopping) =>
        routes.MapGet("/api/v1/events", http => GetAsync(http, node, stopping));

    private static async Task GetAsync(HttpContext http, FtpNode node, CancellationToken stopping)
    {
        var q = new QueryReader(http.Request, node.Time.GetUtcNow(), "since", "until", "kind", "user", "path", "last", "follow");
        var query = new EventQuery
        {
            Since = q.Moment("since"), Until = q.Moment("until"), Kind = q.Kind("kind"), User = q.Text("user"), Path = q.Text("path"), Last = q.Count("last"),
        };
        using var lines = new JsonLines(http);
        if (q.Flag("follow") != true)
        {
            await lines.WriteAllAsync(node.Engine.Events.QueryAsync(query, http.RequestAborted), EventJson.WriteFull);
            return;
        }
        if (query.Until is not null)
            throw new BadQueryException("'until' and 'follow' exclude each other: following has no end.");

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await new EventFollower(node.Engine, node.Fresh, query).RunAsync(lines, cancel.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client left or the node drains: the end of a stream that has no other end.
        }
    }
}
