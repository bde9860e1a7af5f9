using System.Text.Json;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>Pure-FTPd's inputs as JSON for people: every member as it was read.</summary>
public static class PureFtpdJson
{
    /// <summary>Writes one object.</summary>
    public static void Write(Utf8JsonWriter json, UploadRecord record)
    {
        json.WriteStartObject();
        json.WriteString("account"u8, record.Account);
        json.WriteString("path"u8, record.Path);
        json.WriteEndObject();
    }

    /// <summary>Writes one object.</summary>
    public static void Write(Utf8JsonWriter json, AltlogLine line)
    {
        json.WriteStartObject();
        json.WriteString("way"u8, line.IsUpload ? "upload" : "download");
        json.WriteString("account"u8, line.Account);
        json.WriteString("host"u8, line.Host);
        json.WriteString("path"u8, line.Path);
        json.WriteNumber("bytes"u8, line.Bytes);
        if (line.Seconds is { } seconds)
            json.WriteNumber("seconds"u8, seconds);
        else
            json.WriteNull("seconds"u8);
        json.WriteString("session"u8, line.Session);
        EventJson.WriteTime(json, "ended_at", line.EndedAt);
        json.WriteEndObject();
    }

    /// <summary>Writes one object. <c>logged_in</c> is false while the account is <c>?</c>.</summary>
    public static void Write(Utf8JsonWriter json, ScoreboardEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("session"u8, entry.Session);
        json.WriteString("state"u8, StateOf(entry.State));
        json.WriteNumber("pid"u8, entry.Pid);
        json.WriteString("account"u8, entry.Account);
        json.WriteBoolean("logged_in"u8, entry.IsLoggedIn);
        json.WriteString("file"u8, entry.File);
        json.WriteString("peer"u8, entry.Peer?.ToString());
        json.WriteString("local"u8, entry.Local?.ToString());
        EventJson.WriteTime(json, "started_at", entry.StartedAt);
        EventJson.WriteTime(json, "transfer_started_at", entry.TransferStartedAt);
        json.WriteNumber("restart_at"u8, entry.RestartAt);
        json.WriteNumber("current_size"u8, entry.CurrentSize);
        json.WriteNumber("total_size"u8, entry.TotalSize);
        json.WriteEndObject();
    }

    private static string StateOf(ScoreboardState state) => state switch
    {
        ScoreboardState.Idle => "idle",
        ScoreboardState.Download => "download",
        ScoreboardState.Upload => "upload",
        _ => "free",
    };
}
