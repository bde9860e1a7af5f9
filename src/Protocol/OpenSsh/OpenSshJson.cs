using System.Text.Json;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>OpenSSH's lines as JSON for people: every member as it was read.</summary>
public static class OpenSshJson
{
    /// <summary>Writes one object. <c>says</c> is what the line means, <c>other</c> when no session is made of it.</summary>
    public static void Write(Utf8JsonWriter json, OpenSshLine line)
    {
        json.WriteStartObject();
        json.WriteString("program"u8, line.Program);
        json.WriteNumber("pid"u8, line.Pid);
        json.WriteString("says"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(line.Word.ToString()));
        json.WriteString("text"u8, line.Text);
        WriteIfAny(json, "user", line.User);
        WriteIfAny(json, "address", line.Address);
        if (line.Port > 0)
            json.WriteNumber("port"u8, line.Port);
        WriteIfAny(json, "local", line.Local);
        WriteIfAny(json, "method", line.Method);
        WriteIfAny(json, "key", line.Key);
        if (line.Number is { } number)
            json.WriteNumber(line.Word == OpenSshWord.Child ? "child"u8 : "channel"u8, number);
        WriteIfAny(json, "path", line.Path);
        WriteIfAny(json, "path_to", line.PathTo);
        WriteIfAny(json, "flags", line.Flags);
        if (line.Word is OpenSshWord.Close or OpenSshWord.ForcedClose)
        {
            json.WriteNumber("read"u8, line.Read);
            json.WriteNumber("written"u8, line.Written);
        }
        WriteIfAny(json, "error", line.Error);
        if (line.IsAmbiguous)
            json.WriteBoolean("ambiguous"u8, true);
        json.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            json.WriteString(name, value);
    }
}
