using System.Globalization;
using System.Text.Json;
using FtpActors.Ingest;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>/api/v1/quarantine</c>: messages that could not be decoded, and trying them again; bytes of damaged rows.</summary>
internal static class QuarantineEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/quarantine", async http =>
        {
            var page = new QueryReader(http, node.Time.GetUtcNow()).Page();
            var after = page.Place<long>(1, p => long.TryParse(p[0], CultureInfo.InvariantCulture, out var id) ? id : null) ?? 0;
            await JsonAnswer.PageAsync(
                http, node.Engine.Quarantine.QueryAsync(after, http.RequestAborted), page, e => e.Id.ToString(CultureInfo.InvariantCulture), (json, entry) => Write(json, entry, whole: false));
        }).Describe("Messages that could not be decoded, oldest first, then bytes of damaged rows.", AnswerKind.Page, "Quarantined");
        routes.MapGet("/api/v1/quarantine/{id:long}", async (HttpContext http, long id) =>
        {
            if (await node.Engine.Quarantine.ReadAsync(id) is not { } entry)
            {
                await NoSuchAsync(http, id);
                return;
            }
            await JsonAnswer.OneAsync(http, entry, (json, e) => Write(json, e, whole: true));
        }).Describe("One message with its bytes.", AnswerKind.One, "WholeQuarantined");
        routes.MapPost("/api/v1/quarantine/{id:long}/retry", (HttpContext http, long id) => RetryAsync(http, node, id))
            .Describe("Decodes a message again; 422 when it still cannot be decoded, 409 when its source is gone from the configuration.", AnswerKind.One, "Released");
    }

    private static async Task RetryAsync(HttpContext http, FtpNode node, long id)
    {
        if (await node.Engine.Quarantine.ReadAsync(id) is not { } entry)
        {
            await NoSuchAsync(http, id);
            return;
        }
        if (id >= QuarantineFile.FirstDamaged)
        {
            await Problems.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, $"Message {id} stays in quarantine: it is no message of a source but what was stored as {entry.Message.Sender}.");
            return;
        }
        var section = node.Configuration.Sources.FirstOrDefault(s => s.Name == entry.Message.Source);
        if (section is null)
        {
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict,
                $"Message {id} came from the source '{entry.Message.Source}', which is not in the configuration any more; add it again to have it decoded.");
            return;
        }
        var decoder = section.Decoder(node.Configuration.Node.Name);
        if (!decoder.TryDecode(entry.Message.Bytes, entry.Message.ReceivedAt, out var e, out var reason))
        {
            await Problems.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, $"Message {id} stays in quarantine: {reason}");
            return;
        }
        if (!await node.Spool.ReleaseQuarantineAsync(id, e))
        {
            await NoSuchAsync(http, id);
            return;
        }
        await JsonAnswer.OneAsync(http, (id, e), static (json, released) =>
        {
            json.WriteStartObject();
            json.WriteNumber("id", released.id);
            json.WriteString("released", "event");
            json.WriteStartObject("event");
            EventJson.WriteBody(json, released.e);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static Task NoSuchAsync(HttpContext http, long id) =>
        Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is no message {id} in quarantine; it may have been released.");

    private static void Write(Utf8JsonWriter json, QuarantineEntry entry, bool whole)
    {
        var m = entry.Message;
        json.WriteStartObject();
        json.WriteNumber("id", entry.Id);
        EventJson.WriteTime(json, "received_at", m.ReceivedAt);
        json.WriteString("source", m.Source);
        json.WriteString("sender", m.Sender);
        json.WriteString("reason", m.Reason);
        json.WriteNumber("size", m.Bytes.Length);
        if (whole)
        {
            json.WriteString("text", ReversibleText.FromBytes(m.Bytes));
            json.WriteBase64String("base64", m.Bytes);
        }
        json.WriteEndObject();
    }
}
