using System.Text.Json;
using FtpActors.Actors.Rebuild;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>POST /api/v1/rebuild</c>: the sessions made anew from the events, compared, and with <c>apply=true</c> put right.</summary>
internal static class RebuildEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node) => routes.MapPost("/api/v1/rebuild", async http =>
    {
        var apply = new QueryReader(http, node.Time.GetUtcNow()).Flag("apply") == true;
        DateTimeOffset? keptSince = node.Configuration.Retention.Sessions is { } kept ? node.Time.GetUtcNow() - kept : null;
        var report = await node.Engine.Rebuild.RunAsync(apply, keptSince, http.RequestAborted);
        await JsonAnswer.OneAsync(http, report, Write);
    }).Describe("Makes all sessions anew from the events and compares them; apply=true puts right what differs. Answers when it is done.", AnswerKind.One, "Rebuilt", "apply");

    private static void Write(Utf8JsonWriter json, RebuildReport r)
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
        json.WriteEndObject();
    }
}
