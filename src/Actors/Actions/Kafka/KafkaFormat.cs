using System.Buffers;
using System.Text.Json;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Actions.Kafka;

/// <summary>
/// Which fields of the facts a message has, and under which names: those of mod_kafka where it has one, so that what reads its topics reads ours. A field that a fact does not
/// know is left out, as mod_kafka does.
/// </summary>
/// <param name="Fields">Keys of the message, in order; empty: all facts under our own names.</param>
public sealed record KafkaFormat(IReadOnlyList<string> Fields)
{
    // Key of mod_kafka and the fact that it is made of.
    private static readonly (string Key, string Fact)[] Named =
    [
        ("ENV:UNIQUE_ID", "session"), ("remote_ip", "remote_host"), ("local_ip", "host"), ("server_name", "service"), ("user", "user"), ("anon_password", "email"), ("file", "path"),
        ("rename_from", "path"), ("bytes_sent", "bytes"), ("transfer_secs", "seconds"),
    ];

    // Made of more than one fact.
    private static readonly string[] Made = ["command", "epoch", "microsecs", "timestamp", "transfer_status"];

    // Of templates these are no facts but the delivery's own, and what is there for people.
    private static readonly IEnumerable<string> FactNames = TemplateNames.All.Except(["attempt", "user_info", "rule"]);

    /// <summary>Everything, under our own names.</summary>
    public static KafkaFormat All { get; } = new([]);

    /// <summary>Every name that a format may have: mod_kafka's keys, and the facts' own names.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. Named.Select(n => n.Key).Concat(Made).Concat(FactNames).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The value of a message: one JSON object in one line.</summary>
    /// <param name="facts">What happened.</param>
    /// <param name="deliveryKey">Idempotency key, under <c>delivery_key</c> when the format names it.</param>
    public byte[] Write(Facts facts, string deliveryKey)
    {
        if (Fields.Count == 0)
            return facts.Json.ToArray();
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = EventJson.NewWriter(output))
        {
            json.WriteStartObject();
            foreach (var field in Fields)
            {
                var value = field == "delivery_key" ? deliveryKey : ValueOf(field, facts);
                if (value is null)
                    continue;
                json.WritePropertyName(field);
                JsonSerializer.Serialize(json, value);
            }
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    private static object? ValueOf(string field, Facts facts)
    {
        var at = facts.Text("time") ?? facts.Text("received_at");
        var time = DateTimeOffset.TryParse(at, System.Globalization.CultureInfo.InvariantCulture, out var read) ? read : (DateTimeOffset?)null;
        return field switch
        {
            "command" => CommandOf(facts.Kind, facts.Text("type")),
            "epoch" => time?.ToUnixTimeSeconds(),
            "microsecs" => time?.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond,
            "timestamp" => time?.ToString("yyyy-MM-dd HH:mm:ss,fff", System.Globalization.CultureInfo.InvariantCulture),
            "transfer_status" => facts.Kind is not ("upload" or "download" or "list") ? null : facts.Text("status") switch { "ok" => "success", "aborted" => "cancelled", "unknown" or null => null, _ => "failed" },
            // Of a rename mod_kafka's file is the new name.
            "file" when facts.Kind == "rename" => facts.Text("path_to"),
            "rename_from" when facts.Kind != "rename" => null,
            _ => facts.Values.GetValueOrDefault(Array.Find(Named, n => n.Key == field).Fact ?? field),
        };
    }

    private static string? CommandOf(string kind, string? type) => kind switch
    {
        "login" or "login_failed" => "PASS",
        "logout" or "session_end" => "EXIT",
        "upload" => type ?? "STOR",
        "download" => "RETR",
        "list" => type ?? "LIST",
        "delete" => "DELE",
        "mkdir" => "MKD",
        "rmdir" => "RMD",
        "rename" => "RNTO",
        "symlink" => "SITE SYMLINK",
        "chmod" => "SITE CHMOD",
        "session_start" => null,
        _ => type,
    };
}
