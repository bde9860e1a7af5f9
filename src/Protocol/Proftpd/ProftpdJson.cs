using System.Text.Json;

namespace FtpActors.Protocol.Proftpd;

/// <summary>ProFTPD's messages and lines as JSON for people: every member that was said.</summary>
public static class ProftpdJson
{
    /// <summary>Writes one object; what was not said is left out.</summary>
    public static void Write(Utf8JsonWriter json, ProftpdMessage m)
    {
        json.WriteStartObject();
        Text("session", m.Session);
        if (m.Time is { } time)
            EventJson.WriteTime(json, "time", time);
        Text("server", m.Server.Length > 0 ? m.Server : null);
        Text("server_name", m.ServerName);
        Text("protocol", m.Protocol);
        Text("remote_ip", m.RemoteIp);
        Number("remote_port", m.RemotePort);
        Text("local_ip", m.LocalIp);
        Number("local_port", m.LocalPort);
        Text("user", m.User);
        Text("original_user", m.OriginalUser);
        Text("anon_password", m.AnonymousPassword);
        Text("command", m.Command ?? (m.IsConnect ? "CONNECT" : m.IsExit ? "EXIT" : null));
        Text("command_params", m.Parameters);
        Number("response_code", m.Code);
        Text("response_msg", m.Answer);
        Text("file", m.File);
        Text("transfer_path", m.TransferPath);
        Text("dir_path", m.DirPath);
        Text("dir_name", m.DirName);
        Text("rename_from", m.RenameFrom);
        Number("bytes_sent", m.Bytes);
        Number("file_size", m.FileSize);
        Number("file_offset", m.FileOffset);
        if (m.FileModified is { } modified)
            json.WriteBoolean("file_modified"u8, modified);
        Text("transfer_status", m.TransferStatus);
        Number("transfer_secs", m.Seconds);
        Text("transfer_type", m.TransferType);
        Number("session_bytes_rcvd", m.SessionBytesIn);
        Number("session_bytes_sent", m.SessionBytesOut);
        Text("session_end_reason", m.EndReason);
        if (m.Others.Count > 0)
        {
            json.WriteStartObject("others"u8);
            foreach (var (key, value) in m.Others)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
                json.WriteString(name, value);
        }

        void Number(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number))
                json.WriteNumber(name, number);
        }
    }

    /// <summary>Writes one object. <c>ended_at</c> has no zone: the line does not name it.</summary>
    public static void Write(Utf8JsonWriter json, XferlogLine line)
    {
        json.WriteStartObject();
        json.WriteString("kind"u8, Names.Of(line.Kind));
        json.WriteString("user"u8, line.User);
        json.WriteBoolean("anonymous"u8, line.IsAnonymous);
        json.WriteString("host"u8, line.Host);
        json.WriteString("service"u8, line.Service);
        json.WriteString("path"u8, line.Path);
        json.WriteNumber("bytes"u8, line.Bytes);
        json.WriteNumber("seconds"u8, line.Seconds);
        json.WriteString("ended_at"u8, line.EndedAt);
        if (line.IsComplete is { } complete)
            json.WriteBoolean("complete"u8, complete);
        else
            json.WriteNull("complete"u8);
        json.WriteEndObject();
    }
}
