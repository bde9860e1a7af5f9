using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>POST /api/forwarder/skip</c>: gives up events that neither the spool nor the journal has any more.</summary>
internal static class ForwarderEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node) => routes.MapPost("/api/forwarder/skip", async http =>
    {
        var query = new QueryReader(http.Request, node.Time.GetUtcNow(), "seq");
        if (query.Ids("seq") is not [var seq])
            throw new BadQueryException("'seq' is needed: the last event that is given up, as 'trouble' of the forwarder names it in /api/status.");
        if (node.Store.Forwarder is not { } forwarder)
        {
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, "This node ships no spool: it keeps its own journal, or reads no sources.");
            return;
        }
        try
        {
            await forwarder.SkipAsync(seq);
        }
        catch (InvalidOperationException e)
        {
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, e.Message);
            return;
        }
        using var lines = new JsonLines(http);
        await lines.WriteAsync(seq, static (json, skipped) =>
        {
            json.WriteStartObject();
            json.WriteNumber("seq", skipped);
            json.WriteEndObject();
        });
        await lines.FlushAsync();
    });
}
