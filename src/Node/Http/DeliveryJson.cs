using FtpActors.Actors;
using System.Text;
using System.Text.Json;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>Deliveries as JSON.</summary>
internal static class DeliveryJson
{
    /// <summary>The words for states, in the order of <see cref="DeliveryState"/>.</summary>
    public static IReadOnlyList<string> States { get; } = ["due", "done", "dead", "dropped"];

    /// <summary>One for a list: what is needed to find it, and how its last try went.</summary>
    public static void WriteShort(Utf8JsonWriter json, (DeliveryRecord Delivery, DeliveryTry? Last) item)
    {
        json.WriteStartObject();
        WriteBody(json, item.Delivery, Facts.Parse(Encoding.UTF8.GetBytes(item.Delivery.Delivery.Facts)));
        json.WriteString("outcome", item.Last?.Summary);
        json.WriteEndObject();
    }

    /// <summary>One with everything that is known of it.</summary>
    public static void WriteWhole(Utf8JsonWriter json, (DeliveryRecord Delivery, IReadOnlyList<DeliveryTry> Tries) item)
    {
        var facts = Facts.Parse(Encoding.UTF8.GetBytes(item.Delivery.Delivery.Facts));
        json.WriteStartObject();
        WriteBody(json, item.Delivery, facts);
        json.WriteString("outcome", item.Tries.Count > 0 ? item.Tries[^1].Summary : null);
        json.WritePropertyName("facts");
        json.WriteRawValue(facts.Json.Span, skipInputValidation: true);
        json.WriteStartArray("tries");
        foreach (var each in item.Tries)
            WriteTry(json, each);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Numbers by state, over all rules or those that were picked.</summary>
    public static void WriteCounts(Utf8JsonWriter json, IEnumerable<(string Rule, DeliveryState State, long Count)> counts)
    {
        var byState = counts.ToLookup(c => c.State, c => c.Count);
        json.WriteStartObject();
        foreach (var state in Enum.GetValues<DeliveryState>())
            json.WriteNumber(States[(int)state], byState[state].Sum());
        json.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter json, DeliveryRecord record, Facts facts)
    {
        var d = record.Delivery;
        json.WriteNumber("id", record.Id);
        json.WriteString("key", d.Key);
        json.WriteString("rule", d.Rule);
        json.WriteString("trigger", d.Trigger);
        json.WriteString("state", States[(int)record.State]);
        json.WriteNumber("shard", record.Shard);
        json.WriteString("session", d.Session);
        json.WriteBoolean("ordered", d.Ordered);
        json.WriteString("on_host", d.OnHost);
        json.WriteString("replay", d.Replay);
        json.WriteString("host", facts.Text("host"));
        json.WriteString("user", facts.Text("user"));
        json.WriteString("path", facts.Text("path"));
        json.WriteNumber("step", record.Step);
        json.WriteNumber("attempt", record.Attempt);
        EventJson.WriteTime(json, "created_at", record.CreatedAt);
        EventJson.WriteTime(json, "due_at", d.DueAt);
        if (record.FinishedAt is { } finished)
            EventJson.WriteTime(json, "finished_at", finished);
        else
            json.WriteNull("finished_at");
    }

    private static void WriteTry(Utf8JsonWriter json, DeliveryTry t)
    {
        json.WriteStartObject();
        json.WriteNumber("number", t.Number);
        json.WriteNumber("step", t.Step);
        json.WriteString("node", t.Node);
        EventJson.WriteTime(json, "started_at", t.StartedAt);
        EventJson.WriteTime(json, "ended_at", t.EndedAt);
        json.WriteBoolean("succeeded", t.Succeeded);
        if (t.Code is { } code)
            json.WriteNumber("code", code);
        else
            json.WriteNull("code");
        json.WriteString("summary", t.Summary);
        json.WriteString("first_output", t.FirstOutput);
        json.WriteString("last_output", t.LastOutput);
        json.WriteEndObject();
    }
}
