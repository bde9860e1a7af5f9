using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace FtpActors.Protocol.Proftpd;

/// <summary>
/// The JSON of mod_kafka 0.1: one flat object of any LogFormat. Numbers are doubles. The module writes the byte 0x1F raw into strings, which is no JSON; a message that does
/// not parse is tried once more with that repaired.
/// </summary>
public static class ProftpdKafkaJson
{
    private const byte RawUnitSeparator = 0x1F;

    /// <summary>Reads one message.</summary>
    /// <param name="value">The value of the Kafka message.</param>
    /// <param name="message">What it says.</param>
    /// <param name="reason">Why it says nothing, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> value, [NotNullWhen(true)] out ProftpdMessage? message, [NotNullWhen(false)] out string? reason)
    {
        if (TryRead(value, out message, out reason))
            return true;
        return value.Contains(RawUnitSeparator) && TryRead(Repaired(value), out message, out reason);
    }

    private static bool TryRead(ReadOnlySpan<byte> value, [NotNullWhen(true)] out ProftpdMessage? message, [NotNullWhen(false)] out string? reason)
    {
        message = null;
        try
        {
            var json = new Utf8JsonReader(value);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                reason = "is no JSON object";
                return false;
            }
            var fields = new ProftpdFields();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var key = ReversibleText.FromBytes(TextOf(ref json));
                json.Read();
                if (!TryField(ref json, fields, key))
                {
                    reason = $"the value of \"{key}\" is an object or a list, which mod_kafka never writes";
                    return false;
                }
            }
            // Only white space may follow; the reader throws for the rest.
            json.Read();
            if (fields.Message is { UniqueId: null, Pid: null, Command: null, Epoch: null })
            {
                reason = "has none of the keys by which a message of mod_kafka is known (ENV:UNIQUE_ID, pid, command, epoch)";
                return false;
            }
            (message, reason) = (fields.Message, null);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no Unicode.
            reason = $"is no JSON: {e.Message}";
            return false;
        }
    }

    private static bool TryField(ref Utf8JsonReader json, ProftpdFields fields, string key)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.String:
                fields.Text(key, TextOf(ref json));
                return true;
            case JsonTokenType.Number:
                fields.Number(key, json.GetDouble());
                return true;
            case JsonTokenType.True or JsonTokenType.False:
                fields.Flag(key, json.TokenType == JsonTokenType.True);
                return true;
            default:
                // null is what the module writes for a number that is none.
                return json.TokenType == JsonTokenType.Null;
        }
    }

    private static ReadOnlySpan<byte> TextOf(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped)
            return json.ValueSpan;
        var text = new byte[json.ValueSpan.Length];
        return text.AsSpan(0, json.CopyString(text));
    }

    private static byte[] Repaired(ReadOnlySpan<byte> value)
    {
        var repaired = new List<byte>(value.Length + 16);
        foreach (var b in value)
        {
            if (b == RawUnitSeparator)
                repaired.AddRange("\\u001f"u8);
            else
                repaired.Add(b);
        }
        return [.. repaired];
    }
}
