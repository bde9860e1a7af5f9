using System.Text.Json;
using FtpActors.Actors.Rebuild;
using FtpActors.Journal;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>POST /api/rebuild</c>: the sessions made anew from the events, compared, and with <c>apply=true</c> put right.</summary>
internal static class RebuildEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node) => routes.MapPost("/api/rebuild", async http =>
    {
        var apply = new QueryReader(http.Request, node.Time.GetUtcNow(), "apply").Flag("apply") == true;
        RebuildReport report;
        try
        {
            report = await node.RebuildAsync(apply, http.RequestAborted);
        }
        catch (InvalidOperationException e)
        {
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, e.Message);
            return;
        }
        var elsewhere = report.Elsewhere.Count > 0 && node.Store.Cluster is { } cluster
            ? (await cluster.ReadClusterAsync()).Shards.Where(s => report.Elsewhere.Contains(s.Shard)).ToList()
            : [];
        using var lines = new JsonLines(http);
        await lines.WriteAsync((report, elsewhere), static (json, r) => Write(json, r.report, r.elsewhere));
        await lines.FlushAsync();
    });

    private static void Write(Utf8JsonWriter json, RebuildReport r, List<ShardOwner> elsewhere)
    {
        json.WriteStartObject();
        json.WriteNumber("events", r.Events);
        json.WriteNumber("sessions", r.Sessions);
        json.WriteNumber("missing", r.Missing);
        json.WriteNumber("extra", r.Extra);
        json.WriteNumber("different", r.Different);
        json.WriteBoolean("applied", r.Applied);
        json.WriteStartArray("first");
        foreach (var difference in r.First)
        {
            json.WriteStartObject();
            json.WriteString("id", difference.Id);
            json.WriteString("kind", difference.Kind);
            json.WriteStartArray("fields");
            foreach (var field in difference.Fields)
            {
                json.WriteStartObject();
                json.WriteString("field", field.Field);
                json.WriteString("stored", field.Stored);
                json.WriteString("events", field.Events);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("elsewhere");
        foreach (var shard in elsewhere)
        {
            json.WriteStartObject();
            json.WriteNumber("shard", shard.Shard);
            json.WriteString("owner", shard.IsHeld ? shard.Owner : null);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
