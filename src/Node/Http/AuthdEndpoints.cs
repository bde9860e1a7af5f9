using System.Text.Json;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Reading;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/authd</c> (limits, slots in use, answers) and <c>/api/v1/authd/slots</c>.</summary>
internal static class AuthdEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/authd", async http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            if (await DeskOrProblemAsync(http, node) is not { } desk)
                return;
            var (slots, trouble) = await ReadAsync(desk);
            await JsonAnswer.OneAsync(http, 0, (json, _) => Write(json, desk, slots, trouble));
        }).Describe("The limits on sessions, and the answers of this node; 409 without the role authd.", AnswerKind.One, "Authd");
        routes.MapGet("/api/v1/authd/slots", async http =>
        {
            var user = new QueryReader(http, node.Time.GetUtcNow()).Text("user") is { } text ? LoginClaim.KeyOf(text) : null;
            if (await DeskOrProblemAsync(http, node) is not { } desk)
                return;
            await JsonAnswer.ListAsync(http, (await desk.ReadSlotsAsync()).Where(slot => EventMatch.Matches(user, slot.Claim.UserKey)), WriteSlot);
        }).Describe("The slots of sessions in use on all hosts.", AnswerKind.List, "Slot", "user");
    }

    private static async Task<AuthDesk?> DeskOrProblemAsync(HttpContext http, FtpNode node)
    {
        if (node.AuthDesk is null)
            await Problems.WriteAsync(http, StatusCodes.Status409Conflict, "This node answers no logins: its node.roles lack \"authd\", or it is starting.");
        return node.AuthDesk;
    }

    // When the store does not answer, what is known here is wanted most.
    private static async Task<(IReadOnlyList<LoginSlot> Slots, string? Trouble)> ReadAsync(AuthDesk desk)
    {
        try
        {
            return (await desk.ReadSlotsAsync(), desk.Trouble);
        }
        catch (JournalException e)
        {
            return ([], e.Message);
        }
    }

    private static void Write(Utf8JsonWriter json, AuthDesk desk, IReadOnlyList<LoginSlot> slots, string? trouble)
    {
        var settings = desk.Settings;
        json.WriteStartObject();
        json.WriteString("socket", settings.Socket);
        json.WriteString("scoreboard", settings.Scoreboard);
        json.WriteString("fail", settings.FailOpen ? "open" : "closed");
        json.WriteNumber("answer_ms", settings.Answer.TotalMilliseconds);
        json.WriteNumber("lease_seconds", settings.Lease.TotalSeconds);
        json.WriteBoolean("check", settings.Check is not null);
        json.WriteStartArray("limits");
        foreach (var limit in settings.Limits.All)
        {
            json.WriteStartObject();
            json.WriteString("user", limit.User.Pattern);
            WriteLimits(json, limit.Limits);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("held", desk.Held);
        json.WriteStartArray("users");
        foreach (var user in slots.GroupBy(s => s.Claim.UserKey, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("user", user.Key);
            json.WriteNumber("sessions", user.Count(s => s.Session is not null));
            json.WriteNumber("reserved", user.Count(s => s.Session is null));
            json.WriteNumber("hosts", user.DistinctBy(s => s.Claim.Host).Count());
            WriteLimits(json, settings.Limits.Of(user.Key) ?? new SlotLimits(null, null, null));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("answers");
        foreach (var reason in Enum.GetValues<LoginReason>())
            json.WriteNumber(LoginWords.Of(reason), desk.Tally.Of(reason));
        json.WriteEndObject();
        WriteNumber(json, "latency_p50_ms", desk.Tally.Percentile(0.5));
        WriteNumber(json, "latency_p99_ms", desk.Tally.Percentile(0.99));
        json.WriteString("trouble", trouble);
        json.WriteEndObject();
    }

    private static void WriteLimits(Utf8JsonWriter json, SlotLimits limits)
    {
        WriteNumber(json, "max", limits.Max);
        WriteNumber(json, "max_per_host", limits.MaxPerHost);
        WriteNumber(json, "max_per_address", limits.MaxPerAddress);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } n)
            json.WriteNumber(name, Math.Round(n, 3));
        else
            json.WriteNull(name);
    }

    private static void WriteSlot(Utf8JsonWriter json, LoginSlot slot)
    {
        json.WriteStartObject();
        json.WriteNumber("slot", slot.Id);
        json.WriteString("user", slot.Claim.User);
        json.WriteString("host", slot.Claim.Host);
        json.WriteString("remote_host", slot.Claim.Remote);
        json.WriteString("session", slot.Session);
        EventJson.WriteTime(json, "reserved_at", slot.ReservedAt);
        EventJson.WriteTime(json, "expires_at", slot.ExpiresAt);
        json.WriteEndObject();
    }
}
