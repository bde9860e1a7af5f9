using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>A session as JSON, for people and other programs. All names are always there; what is unknown is null.</summary>
public static class SessionJson
{
    /// <summary>The word for how a session became known: <c>login</c> or <c>seen</c>.</summary>
    public static string Of(SessionBegan began) => began == SessionBegan.Login ? "login" : "seen";

    /// <summary>The word for how a session ended, null while it is open.</summary>
    public static string? Of(SessionEnded? ended) => ended switch
    {
        null => null,
        SessionEnded.Logout => "logout",
        SessionEnded.Lost => "lost",
        SessionEnded.Idle => "idle",
        SessionEnded.Restart => "restart",
        _ => throw new ArgumentOutOfRangeException(nameof(ended), ended, null),
    };

    /// <summary>The word for what a session is doing.</summary>
    public static string Of(SessionState state) => state switch
    {
        SessionState.Idle => "idle",
        SessionState.Downloading => "downloading",
        SessionState.Uploading => "uploading",
        SessionState.Closed => "closed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary>The word for how sure we are.</summary>
    public static string Of(SessionCertainty certainty) => certainty switch
    {
        SessionCertainty.Exact => "exact",
        SessionCertainty.Likely => "likely",
        SessionCertainty.Ambiguous => "ambiguous",
        _ => throw new ArgumentOutOfRangeException(nameof(certainty), certainty, null),
    };

    /// <summary>Writes one session. Byte counts in bytes, <c>rate</c> in bytes per second.</summary>
    public static void Write(Utf8JsonWriter json, SessionRecord s)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, s.Id);
        json.WriteString("host"u8, s.Key.Host);
        json.WriteString("service"u8, s.Key.Service);
        json.WriteString("session"u8, s.Key.ServerSession.Length > 0 ? s.Key.ServerSession : null);
        json.WriteString("user"u8, s.User);
        json.WriteString("email"u8, s.Email);
        json.WriteString("remote_host"u8, s.RemoteHost);
        json.WriteString("local"u8, s.Local);
        EventJson.WriteTime(json, "opened_at", s.OpenedAt);
        WriteTime(json, "closed_at", s.ClosedAt);
        json.WriteString("began"u8, Of(s.Began));
        json.WriteString("ended"u8, Of(s.Ended));
        json.WriteString("state"u8, Of(s.State));
        json.WriteString("certainty"u8, Of(s.Certainty));
        json.WriteString("path"u8, s.Path);
        json.WriteNumber("bytes_now"u8, s.BytesNow);
        WriteNumber(json, "bytes_total", s.BytesTotal);
        WriteNumber(json, "restart_at", s.RestartAt);
        WriteTime(json, "transfer_started_at", s.TransferStartedAt);
        json.WriteNumber("rate"u8, double.IsFinite(s.Rate) ? Math.Round(s.Rate, 3) : 0);
        json.WriteNumber("uploads"u8, s.Uploads);
        json.WriteNumber("downloads"u8, s.Downloads);
        json.WriteNumber("bytes_up"u8, s.BytesUp);
        json.WriteNumber("bytes_down"u8, s.BytesDown);
        json.WriteNumber("failures"u8, s.Failures);
        json.WriteNumber("deletes"u8, s.Deletes);
        json.WriteNumber("mkdirs"u8, s.Mkdirs);
        json.WriteNumber("renames"u8, s.Renames);
        json.WriteNumber("other"u8, s.Other);
        EventJson.WriteTime(json, "last_at", s.LastAt);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            EventJson.WriteTime(json, name, known);
        else
            json.WriteNull(name);
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } known)
            json.WriteNumber(name, known);
        else
            json.WriteNull(name);
    }
}
