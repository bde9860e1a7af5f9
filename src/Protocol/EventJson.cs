using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FtpActors.Protocol;

/// <summary>
/// The canonical event as JSON. The payload that a journal stores leaves out what stands in the row's own columns
/// (spool, seq, received_at, kind); the full form, for people and other programs, has them first. Absent values are left out,
/// but the full form always has the documented names.
/// </summary>
public static class EventJson
{
    // Everything is escaped that JSON demands and nothing more: the consumers are SQL and terminals' own escaping, not HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer with the options that every JSON of an event uses.</summary>
    public static Utf8JsonWriter NewWriter(IBufferWriter<byte> output) => new(output, Options);

    /// <summary>Writes the stored payload.</summary>
    public static void WritePayload(Utf8JsonWriter json, FtpEvent e)
    {
        json.WriteStartObject();
        if (e.Time is { } time)
            WriteTime(json, "time", time);
        json.WriteString("host"u8, e.Host);
        if (e.Service.Length > 0)
            json.WriteString("service"u8, e.Service);
        json.WriteString("source"u8, e.Source);
        WriteText(json, "session", e.Session);
        if (e.User.Length > 0)
            json.WriteString("user"u8, e.User);
        WriteText(json, "email", e.Email);
        if (e.RemoteHost.Length > 0)
            json.WriteString("remote_host"u8, e.RemoteHost);
        WriteText(json, "path", e.Path);
        WriteText(json, "path_to", e.PathTo);
        if (e.Bytes is { } bytes)
            json.WriteNumber("bytes"u8, bytes);
        if (e.Seconds is { } seconds)
            json.WriteNumber("seconds"u8, seconds);
        if (e.Status != EventStatus.Unknown)
            json.WriteString("status"u8, Names.Of(e.Status));
        if (e.Flags != EventFlags.None)
            WriteFlags(json, e.Flags);
        WriteRest(json, e);
        json.WriteEndObject();
    }

    /// <summary>Writes the full event with every documented name; unknown values are null.</summary>
    public static void WriteFull(Utf8JsonWriter json, StoredEvent stored)
    {
        var e = stored.Event;
        json.WriteStartObject();
        json.WriteString("spool"u8, stored.Spool);
        json.WriteNumber("seq"u8, stored.Seq);
        WriteBody(json, e);
        json.WriteEndObject();
    }

    /// <summary>Writes the documented names from <c>received_at</c> on into an object that the caller has begun.</summary>
    public static void WriteBody(Utf8JsonWriter json, FtpEvent e)
    {
        WriteTime(json, "received_at", e.ReceivedAt);
        if (e.Time is { } time)
            WriteTime(json, "time", time);
        else
            json.WriteNull("time"u8);
        json.WriteString("kind"u8, Names.Of(e.Kind));
        json.WriteString("host"u8, e.Host);
        json.WriteString("service"u8, e.Service);
        json.WriteString("source"u8, e.Source);
        json.WriteString("session"u8, e.Session);
        json.WriteString("user"u8, e.User);
        json.WriteString("email"u8, e.Email);
        json.WriteString("remote_host"u8, e.RemoteHost);
        json.WriteString("path"u8, e.Path);
        json.WriteString("path_to"u8, e.PathTo);
        if (e.Bytes is { } bytes)
            json.WriteNumber("bytes"u8, bytes);
        else
            json.WriteNull("bytes"u8);
        if (e.Seconds is { } seconds)
            json.WriteNumber("seconds"u8, seconds);
        else
            json.WriteNull("seconds"u8);
        json.WriteString("status"u8, Names.Of(e.Status));
        WriteFlags(json, e.Flags);
        WriteRest(json, e);
    }

    /// <summary>Reads a payload back, with the columns that stand beside it.</summary>
    /// <exception cref="JsonException">The payload is not the JSON of an event.</exception>
    public static FtpEvent ReadPayload(ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, EventKind kind)
    {
        var reader = new Utf8JsonReader(payload);
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject);

        DateTimeOffset? time = null;
        string host = "", service = "", source = "", user = "", remoteHost = "";
        string? session = null, email = null, path = null, pathTo = null, type = null, fingerprint = null, pathFrom = null;
        long? bytes = null;
        double? seconds = null;
        var status = EventStatus.Unknown;
        var flags = EventFlags.None;
        IReadOnlyList<string>? extra = null;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            Require(reader.Read());
            switch (name)
            {
                case "time": time = reader.GetDateTimeOffset(); break;
                case "host": host = reader.GetString()!; break;
                case "service": service = reader.GetString()!; break;
                case "source": source = reader.GetString()!; break;
                case "session": session = reader.GetString(); break;
                case "user": user = reader.GetString()!; break;
                case "email": email = reader.GetString(); break;
                case "remote_host": remoteHost = reader.GetString()!; break;
                case "path": path = reader.GetString(); break;
                case "path_to": pathTo = reader.GetString(); break;
                case "bytes": bytes = reader.GetInt64(); break;
                case "seconds": seconds = reader.GetDouble(); break;
                case "status": Names.TryStatus(reader.GetString()!, out status); break;
                case "flags": flags = ReadStrings(ref reader).Aggregate(flags, (all, f) => all | Names.Flag(f)); break;
                case "type": type = reader.GetString(); break;
                case "extra": extra = ReadStrings(ref reader); break;
                case "fingerprint": fingerprint = reader.GetString(); break;
                case "path_from": pathFrom = reader.GetString(); break;
                default: reader.Skip(); break;
            }
        }

        return new FtpEvent
        {
            ReceivedAt = receivedAt, Time = time, Kind = kind, Host = host, Service = service, Source = source, Session = session,
            User = user, Email = email, RemoteHost = remoteHost, Path = path, PathTo = pathTo, Bytes = bytes, Seconds = seconds,
            Status = status, Flags = flags, Type = type, Extra = extra, Fingerprint = fingerprint, PathFrom = pathFrom,
        };
    }

    /// <summary>Writes a time as ISO 8601 in UTC with a Z and, where there are any, fractions of a second.</summary>
    public static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset time) => json.WriteString(name, time.UtcDateTime);

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteFlags(Utf8JsonWriter json, EventFlags flags)
    {
        json.WriteStartArray("flags"u8);
        if (flags != EventFlags.None)
        {
            foreach (var flag in Names.Of(flags))
                json.WriteStringValue(flag);
        }
        json.WriteEndArray();
    }

    private static void WriteRest(Utf8JsonWriter json, FtpEvent e)
    {
        WriteText(json, "type", e.Type);
        if (e.Extra is { } extra)
        {
            json.WriteStartArray("extra"u8);
            foreach (var field in extra)
                json.WriteStringValue(field);
            json.WriteEndArray();
        }
        WriteText(json, "fingerprint", e.Fingerprint);
        WriteText(json, "path_from", e.PathFrom);
    }

    private static List<string> ReadStrings(ref Utf8JsonReader reader)
    {
        var strings = new List<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
            strings.Add(reader.GetString()!);
        return strings;
    }

    private static void Require(bool holds)
    {
        if (!holds)
            throw new JsonException("An event's payload must be a JSON object.");
    }
}
