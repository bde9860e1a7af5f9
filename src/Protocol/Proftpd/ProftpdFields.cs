using System.Globalization;

namespace FtpActors.Protocol.Proftpd;

/// <summary>Fills a message key by key. The keys are those of mod_kafka's JSON, which are also the names of our log's columns.</summary>
internal sealed class ProftpdFields
{
    private List<(string Key, string Value)>? _others;

    public ProftpdMessage Message { get; } = new();

    /// <summary>A text of strangers, not in its reversible form yet.</summary>
    public void Text(string key, ReadOnlySpan<byte> bytes)
    {
        var text = ReversibleText.FromBytes(bytes);
        var m = Message;
        switch (key)
        {
            case "ENV:UNIQUE_ID": m.UniqueId = text.Length > 0 ? text : null; break;
            case "remote_ip": m.RemoteIp = Address(text); break;
            case "local_ip": m.LocalIp = Address(text); break;
            case "server_ip": m.ServerIp = Address(text); break;
            case "server_dns": m.ServerDns = Address(text); break;
            case "server_name": m.ServerName = text; break;
            case "protocol": m.Protocol = text; break;
            case "user": m.User = text; break;
            case "original_user": m.OriginalUser = text; break;
            case "anon_password": m.AnonymousPassword = text; break;
            case "command": m.Command = text; break;
            case "command_params": m.Parameters = text; break;
            case "response_msg": m.Answer = text; break;
            case "file": m.File = text; break;
            case "transfer_path": m.TransferPath = text; break;
            case "dir_path": m.DirPath = text; break;
            case "dir_name": m.DirName = text; break;
            case "rename_from": m.RenameFrom = text; break;
            case "transfer_status": m.TransferStatus = text; break;
            case "transfer_type": m.TransferType = text; break;
            case "session_end_reason": m.EndReason = text; break;
            // What says nothing more than other keys do, or says it mangled: raw_command, the cut transfer_failure, the misleading times.
            case "remote_dns" or "basename" or "raw_command" or "transfer_failure" or "timestamp" or "local_time" or "server_version" or "group"
                or "connection_class" or "identd_user" or "transfer_speed":
                Other(key, text);
                break;
            default:
                if (double.TryParse(text, CultureInfo.InvariantCulture, out var number) && TryNumber(key, number))
                    break;
                if (IsNumber(key))
                    m.Flags |= EventFlags.BadNumber;
                Other(key, text);
                break;
        }
    }

    public void Number(string key, double number)
    {
        if (!TryNumber(key, number))
            Other(key, number.ToString("R", CultureInfo.InvariantCulture));
    }

    public void Flag(string key, bool value)
    {
        switch (key)
        {
            case "connecting": Message.Connecting = value; break;
            case "disconnecting": Message.Disconnecting = value; break;
            case "file_modified": Message.FileModified = value; break;
            default: Other(key, value ? "true" : "false"); break;
        }
    }

    private bool TryNumber(string key, double number)
    {
        var m = Message;
        switch (key)
        {
            case "pid": m.Pid = Whole(number); break;
            case "epoch": m.Epoch = number; break;
            case "microsecs": m.Microseconds = number; break;
            case "millisecs": m.Milliseconds = number; break;
            case "remote_port": m.RemotePort = Whole(number); break;
            case "local_port": m.LocalPort = Whole(number); break;
            case "response_code": m.Code = Whole(number); break;
            case "bytes_sent": m.Bytes = number; break;
            case "file_size": m.FileSize = number; break;
            case "file_offset": m.FileOffset = number; break;
            case "transfer_secs": m.TransferSeconds = number; break;
            case "transfer_millis": m.TransferMilliseconds = number; break;
            case "session_bytes_rcvd": m.SessionBytesIn = number; break;
            case "session_bytes_sent": m.SessionBytesOut = number; break;
            default: return false;
        }
        return true;
    }

    // A server that listens with IPv6 as well names its IPv4 addresses so.
    private static string Address(string text) => text.StartsWith("::ffff:", StringComparison.Ordinal) && text.Contains('.', StringComparison.Ordinal) ? text[7..] : text;

    private static bool IsNumber(string key) => new ProftpdFields().TryNumber(key, 0);

    // A double that does not fit becomes the nearest number that does.
    internal static long Whole(double number) => double.IsNaN(number) ? 0 : number >= long.MaxValue ? long.MaxValue : number <= long.MinValue ? long.MinValue : (long)number;

    private void Other(string key, string value)
    {
        if (_others is null)
            Message.Others = _others = [];
        _others.Add((key, value));
    }
}
