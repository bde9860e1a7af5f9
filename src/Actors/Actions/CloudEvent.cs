using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FtpActors.Protocol;

namespace FtpActors.Actors.Actions;

/// <summary>A delivery as a CloudEvents 1.0 event in structured JSON mode (github.com/cloudevents/spec, v1.0.2), and its signature.</summary>
public static class CloudEvent
{
    /// <summary>Content type of the structured mode.</summary>
    public const string ContentType = "application/cloudevents+json";

    /// <summary>
    /// The event: <c>id</c> is the idempotency key, <c>type</c> is <c>ftpactors.</c> and the kind, <c>source</c> is <c>//host/service</c>, <c>subject</c> the path (control characters,
    /// which the specification forbids, as <c>\xHH</c>), <c>rule</c> an extension, <c>data</c> the facts.
    /// </summary>
    public static byte[] Write(ActionContext context)
    {
        var facts = context.Facts;
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = EventJson.NewWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("specversion"u8, "1.0");
            json.WriteString("id"u8, context.DeliveryKey);
            json.WriteString("source"u8, $"//{Uri.EscapeDataString(facts.Text("host") ?? "")}/{Uri.EscapeDataString(facts.Text("service") ?? "")}");
            json.WriteString("type"u8, "ftpactors." + facts.Kind);
            json.WriteString("time"u8, facts.Text("time") ?? facts.Text("received_at"));
            if (facts.Text("path") is { Length: > 0 } path)
                json.WriteString("subject"u8, WithoutControls(path));
            json.WriteString("datacontenttype"u8, "application/json");
            json.WriteString("rule"u8, context.Rule);
            json.WritePropertyName("data"u8);
            json.WriteRawValue(facts.Json.Span, skipInputValidation: true);
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The header <c>Ftpactors-Signature</c>: <c>t=</c> seconds since 1970, <c>v1=</c> the HMAC-SHA256 of "seconds.body" in hexadecimal digits. The time
    /// is part of it, so that a receiver can refuse an old request sent again.
    /// </summary>
    public static string Sign(byte[] secret, long seconds, byte[] body)
    {
        var mac = HMACSHA256.HashData(secret, (byte[])[.. Encoding.ASCII.GetBytes($"{seconds}."), .. body]);
        return $"t={seconds},v1={Convert.ToHexStringLower(mac)}";
    }

    private static string WithoutControls(string text) => !text.Any(char.IsControl)
        ? text
        : string.Concat(text.Select(c => char.IsControl(c) ? string.Concat(Encoding.UTF8.GetBytes([c]).Select(b => $"\\x{b:X2}")) : c.ToString()));
}
