using System.Text.Json;

namespace FtpActors.Protocol.NcFtpd;

/// <summary>A message as JSON for people: every field as it was read, with the doubts.</summary>
public static class NcFtpdJson
{
    /// <summary>Writes one object. Fields that are absent or belong to other types are null.</summary>
    public static void Write(Utf8JsonWriter json, NcFtpdMessage message)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, message.Type);
        json.WriteString("kind"u8, Names.Of(NcFtpdWords.Kind(message.Type)));
        json.WriteString("user"u8, message.User);
        json.WriteString("field3"u8, message.Field3);
        json.WriteString("email"u8, message.Email);
        json.WriteString("host1"u8, message.Host1);
        json.WriteString("host2"u8, message.Host2);
        json.WriteString("path"u8, message.Path);
        json.WriteString("middle"u8, message.Middle);
        json.WriteString("path_to"u8, message.PathTo);
        WriteNumber(json, "bytes", message.Bytes);
        WriteNumber(json, "seconds", message.Seconds);
        WriteNumber(json, "rate", message.Rate);
        json.WriteString("suffix"u8, message.Suffix);
        json.WriteString("status"u8, message.Status);
        json.WriteString("transfer_type"u8, message.TransferType);
        json.WriteString("notes"u8, message.Notes);
        if (message.StartedAt is { } startedAt)
            EventJson.WriteTime(json, "started_at", startedAt);
        else
            json.WriteNull("started_at"u8);
        json.WriteString("pattern"u8, message.Pattern);
        json.WriteString("recursion"u8, message.Recursion);
        json.WriteString("mode"u8, message.Mode);
        WriteTexts(json, "bad_numbers", message.BadNumbers);
        WriteTexts(json, "extra", message.Extra);
        json.WriteNumber("declared_length"u8, message.DeclaredLength);
        WriteTexts(json, "flags", Names.Of(message.Flags));
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } n)
            json.WriteNumber(name, n);
        else
            json.WriteNull(name);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } n)
            json.WriteNumber(name, n);
        else
            json.WriteNull(name);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
