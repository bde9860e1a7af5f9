using System.Globalization;
using FtpActors.Actors;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/events</c>: stored events; <c>/api/v1/events/stream</c>: new ones as they become durable.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node, CancellationToken stopping)
    {
        routes.MapGet("/api/v1/events", http => ListAsync(http, node))
            .Describe("Stored events, by spool (one per host) and seq.", AnswerKind.Page, "Event", "since", "until", "kind", "user", "path", "last");
        var recent = new RecentRows(node);
        routes.MapGet("/api/v1/events/stream", http => FollowAsync(http, node, recent, stopping)).Describe(
            "The history asked for by since or last (none without), then new events, those of one session in their order, until the client leaves. A client that comes back with Last-Event-ID "
            + "goes on where it was: it misses nothing, and may see the last events again, which spool and seq tell.", AnswerKind.Stream, "Event", "since", "kind", "user", "path", "last");
    }

    private static Task ListAsync(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        var page = q.Page();
        var after = page.Place<(string, long)>(2, p => long.TryParse(p[1], CultureInfo.InvariantCulture, out var seq) ? (p[0], seq) : null);
        var query = Read(q) with { Until = q.Moment("until"), Last = after is null ? page.Left : null, After = after };
        return JsonAnswer.PageAsync(
            http, node.Engine.Events.QueryAsync(query, http.RequestAborted), page, e => string.Create(CultureInfo.InvariantCulture, $"{e.Spool},{e.Seq}"), EventJson.WriteFull);
    }

    private static async Task FollowAsync(HttpContext http, FtpNode node, RecentRows recent, CancellationToken stopping)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        var query = Read(q) with { Last = q.Count("last") };
        var rows = EventFollower.RowsOf(http.Request.Headers["Last-Event-ID"], node.Configuration.Journal.Shards);
        using var stream = new EventStream(http);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await new EventFollower(node.Engine, node.Fresh, recent, query).RunAsync(stream, rows, cancel.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client left or the node drains: the end of a stream that has no other end.
        }
    }

    private static EventQuery Read(QueryReader q) => new() { Since = q.Moment("since"), Kind = q.Kind("kind"), User = q.Text("user"), Path = q.Text("path") };
}
