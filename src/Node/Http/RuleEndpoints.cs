using FtpActors.Actors;
using System.Text.Json;
using FtpActors.Actors.Rules;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/rules</c>: the rules in force with the numbers of their deliveries, then rules that are gone and still have some.</summary>
internal static class RuleEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node) => routes.MapGet("/api/v1/rules", async http =>
    {
        _ = new QueryReader(http, node.Time.GetUtcNow());
        var rules = node.Book.Rules;
        var counts = (await node.Engine.History.CountDeliveriesAsync(http.RequestAborted)).ToLookup(c => c.Rule, StringComparer.Ordinal);
        IEnumerable<Line> lines = [.. rules.Rules.Select(r => new Line(r.Name, r, counts[r.Name])), .. counts.Where(c => rules.Find(c.Key) is null).Select(c => new Line(c.Key, null, c))];
        await JsonAnswer.ListAsync(http, lines, Write);
    }).Describe("The rules in force with the numbers of their deliveries, then rules that are gone and still have some.", AnswerKind.List, "Rule");

    private sealed record Line(string Name, Rule? Rule, IEnumerable<(string, DeliveryState, long)> Counts);

    private static void Write(Utf8JsonWriter json, Line r)
    {
        json.WriteStartObject();
        if (r.Rule is not null)
            RuleJson.WriteBody(json, r.Rule);
        else
            json.WriteString("rule", r.Name);
        json.WriteBoolean("in_force", r.Rule is not null);
        json.WritePropertyName("deliveries");
        DeliveryJson.WriteCounts(json, r.Counts);
        json.WriteEndObject();
    }
}
