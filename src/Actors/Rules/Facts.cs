using System.Buffers;
using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>
/// What an action is told: one JSON object, stored with the delivery, so that every try says the same. Names (paths, users) stay in
/// the form of <see cref="ReversibleText"/>.
/// </summary>
public sealed class Facts
{
    private readonly byte[] _json;

    private Facts(byte[] json, IReadOnlyDictionary<string, object?> values)
    {
        _json = json;
        Values = values;
    }

    /// <summary>The canonical JSON object, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>
    /// The same by name: text, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, null, lists of these and objects.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Values { get; }

    /// <summary>What happened, in the word of <see cref="TriggerNames"/>.</summary>
    public string Kind => Text("kind") ?? "";

    /// <summary>A text by name, null when there is none.</summary>
    public string? Text(string name) => Values.GetValueOrDefault(name) as string;

    /// <summary>The facts of an event: the documented names of an event, and the session it belongs to.</summary>
    /// <param name="stored">The event.</param>
    /// <param name="sessionId">Id of our <see cref="SessionRecord"/>, null when there is none.</param>
    public static Facts OfEvent(StoredEvent stored, string? sessionId) => Write(json =>
    {
        json.WriteString("spool"u8, stored.Spool);
        json.WriteNumber("seq"u8, stored.Seq);
        json.WriteString("session_id"u8, sessionId);
        EventJson.WriteBody(json, stored.Event);
    });

    /// <summary>The facts of a session that began or ended.</summary>
    /// <param name="session">The session.</param>
    /// <param name="trigger">Which end.</param>
    /// <param name="files">The files that the rule is about (see <see cref="Rule.FilesOf"/>).</param>
    public static Facts OfSession(SessionRecord session, SessionTrigger trigger, IReadOnlyList<SessionFile> files) => Write(json =>
    {
        var ended = trigger == SessionTrigger.End;
        var at = ended ? session.ClosedAt ?? session.LastAt : session.OpenedAt;
        json.WriteString("session_id"u8, session.Id);
        EventJson.WriteTime(json, "received_at", at);
        EventJson.WriteTime(json, "time", at);
        json.WriteString("kind"u8, TriggerNames.Of(ended ? TriggerKind.SessionEnd : TriggerKind.SessionStart));
        json.WriteString("host"u8, session.Key.Host);
        json.WriteString("service"u8, session.Key.Service);
        json.WriteString("session"u8, session.Key.ServerSession.Length > 0 ? session.Key.ServerSession : null);
        json.WriteString("user"u8, session.User);
        json.WriteString("email"u8, session.Email);
        json.WriteString("remote_host"u8, session.RemoteHost);
        EventJson.WriteTime(json, "opened_at", session.OpenedAt);
        json.WriteString("began"u8, session.Began.ToString().ToLowerInvariant());
        json.WriteString("certainty"u8, session.Certainty.ToString().ToLowerInvariant());
        if (!ended)
            return;
        EventJson.WriteTime(json, "closed_at", at);
        json.WriteString("ended"u8, session.Ended?.ToString().ToLowerInvariant());
        json.WriteNumber("seconds"u8, (at - session.OpenedAt).TotalSeconds);
        json.WriteNumber("uploads"u8, session.Uploads);
        json.WriteNumber("downloads"u8, session.Downloads);
        json.WriteNumber("bytes_up"u8, session.BytesUp);
        json.WriteNumber("bytes_down"u8, session.BytesDown);
        json.WriteNumber("failures"u8, session.Failures);
        WriteFiles(json, files);
    });

    /// <summary>The facts of something that the node itself tells.</summary>
    /// <param name="kind"><see cref="TriggerKind.BacklogHigh"/> or <see cref="TriggerKind.DeadLetter"/>.</param>
    /// <param name="at">When.</param>
    /// <param name="host">FTP host it is about, else the node.</param>
    /// <param name="more">What else there is to say, by the names of <see cref="TemplateNames"/>; texts and <see cref="long"/>s.</param>
    public static Facts OfNotice(TriggerKind kind, DateTimeOffset at, string host, IReadOnlyDictionary<string, object?> more) => Write(json =>
    {
        EventJson.WriteTime(json, "received_at", at);
        EventJson.WriteTime(json, "time", at);
        json.WriteString("kind"u8, TriggerNames.Of(kind));
        json.WriteString("host"u8, host);
        foreach (var (name, value) in more)
        {
            if (value is long number)
                json.WriteNumber(name, number);
            else
                json.WriteString(name, value as string);
        }
    });

    /// <summary>Reads stored facts back.</summary>
    /// <exception cref="JsonException">They are not a JSON object.</exception>
    public static Facts Parse(ReadOnlySpan<byte> json) => Of(json.ToArray());

    private static Facts Write(Action<Utf8JsonWriter> body)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = EventJson.NewWriter(output))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }
        return Of(output.WrittenSpan.ToArray());
    }

    private static Facts Of(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object
            ? new Facts(json, (IReadOnlyDictionary<string, object?>)Value(document.RootElement)!)
            : throw new JsonException("The facts of a delivery must be a JSON object.");
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value), StringComparer.Ordinal),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? (object)whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static void WriteFiles(Utf8JsonWriter json, IReadOnlyList<SessionFile> files)
    {
        json.WriteNumber("file_count"u8, files.Count);
        json.WriteStartArray("files"u8);
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, Names.Of(file.Kind));
            json.WriteString("path"u8, file.Path);
            if (file.Bytes is { } bytes)
                json.WriteNumber("bytes"u8, bytes);
            else
                json.WriteNull("bytes"u8);
            json.WriteString("status"u8, Names.Of(file.Status));
            EventJson.WriteTime(json, "time", file.Time);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
