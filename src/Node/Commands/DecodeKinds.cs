using System.Buffers;
using System.Text;
using System.Text.Json;
using FtpActors.Node.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Protocol.OpenSsh;
using FtpActors.Protocol.Proftpd;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Node.Commands;

/// <summary>The formats that <c>decode</c> knows. A new one is one line in <see cref="All"/>.</summary>
internal static class DecodeKinds
{
    private const string Source = "decode";

    /// <summary>Name, what it is, and how its bytes become lines of JSON; a fault ends them with a <see cref="CommandException"/>.</summary>
    public static readonly (string Name, string Is, Action<byte[], Output> Decode)[] All =
    [
        ("ncftpd", "one message of NcFTPd", NcFtpd),
        ("pureftpd-pipe", "any number of records of Pure-FTPd's upload pipe", PureFtpdPipe),
        ("pureftpd-scoreboard", "one client-* file of Pure-FTPd's scoreboard", PureFtpdScoreboard),
        ("pureftpd-altlog", "lines of Pure-FTPd's alternative log, formats clf and stats", PureFtpdAltlog),
        ("proftpd-kafka", "messages of ProFTPD's mod_kafka, one a line", ProftpdKafka),
        ("proftpd-log", "lines of the log that 'proftpd config' prints the format of", ProftpdLog),
        ("xferlog", "lines of the classic transfer log of ProFTPD, vsftpd, wu-ftpd", Xferlog),
        ("openssh-log", "lines of OpenSSH's log, as they come to a syslog socket or stand in its file; lines of other programs are passed over", OpenSshLog),
    ];

    private static void NcFtpd(byte[] bytes, Output output)
    {
        if (!NcFtpdDecoder.TryDecode(bytes, out var message, out var reason))
            throw new CommandException(ExitCodes.Failed, $"not a message of NcFTPd: {reason}");
        output.Line(ToJson(json => NcFtpdJson.Write(json, message), NcFtpdEvents.ToEvent(message, DateTimeOffset.UtcNow, Environment.MachineName, Source)));
    }

    private static void PureFtpdPipe(byte[] bytes, Output output)
    {
        var at = 0;
        var rejected = 0;
        for (; UploadPipe.TryRead(bytes.AsSpan(at), out var piece); at += piece.Length)
        {
            if (piece.Record is { } record)
            {
                output.Line(ToJson(
                    json => PureFtpdJson.Write(json, record), PureFtpdEvents.OfUpload(record, DateTimeOffset.UtcNow, Environment.MachineName, Source)));
                continue;
            }
            rejected++;
            var text = ReversibleText.FromBytes(bytes.AsSpan(at, piece.Length));
            output.Line(Json(json =>
            {
                json.WriteString("rejected"u8, text);
                json.WriteString("reason"u8, piece.Reason);
            }));
        }
        if (rejected > 0 || at < bytes.Length || at == 0)
        {
            throw new CommandException(ExitCodes.Failed,
                $"not only records of Pure-FTPd's upload pipe: {rejected} pieces were rejected, and {bytes.Length - at} bytes at the end are no whole record.");
        }
    }

    private static void PureFtpdScoreboard(byte[] bytes, Output output)
    {
        if (!ScoreboardEntry.TryDecode(bytes, out var entry, out var reason))
            throw new CommandException(ExitCodes.Failed, $"not a file of Pure-FTPd's scoreboard: {reason}");
        output.Line(Json(json =>
        {
            json.WritePropertyName("entry");
            PureFtpdJson.Write(json, entry);
        }));
    }

    private static void PureFtpdAltlog(byte[] bytes, Output output) => Lines(bytes, "Pure-FTPd's alternative log", (ReadOnlySpan<byte> bytes, out string? reason) =>
        AltlogLine.TryDecode(bytes, out var line, out reason)
            ? ToJson(json => PureFtpdJson.Write(json, line), PureFtpdEvents.OfLine(line, DateTimeOffset.UtcNow, Environment.MachineName, Source)) : null, output);

    private static void ProftpdKafka(byte[] bytes, Output output) => Lines(bytes, "mod_kafka", (ReadOnlySpan<byte> line, out string? reason) =>
        ProftpdKafkaJson.TryDecode(line, out var message, out reason) ? OfProftpd(message) : null, output);

    private static void ProftpdLog(byte[] bytes, Output output) => Lines(bytes, "ProFTPD's log", (ReadOnlySpan<byte> line, out string? reason) =>
        ProftpdLogLine.TryDecode(line, out var message, out reason) ? OfProftpd(message) : null, output);

    private static void Xferlog(byte[] bytes, Output output) => Lines(bytes, "an xferlog", (ReadOnlySpan<byte> bytes, out string? reason) =>
        XferlogLine.TryDecode(bytes, out var line, out reason)
            ? ToJson(json => ProftpdJson.Write(json, line), ProftpdEvents.OfLine(line, DateTimeOffset.UtcNow, Environment.MachineName, Source, TimeZoneInfo.Local)) : null, output);

    private static string OfProftpd(ProftpdMessage message) =>
        ToJson(json => ProftpdJson.Write(json, message), ProftpdEvents.OfMessage(message, DateTimeOffset.UtcNow, message.Server, Source));

    private delegate string? LineDecoder(ReadOnlySpan<byte> line, out string? reason);

    private static void Lines(byte[] bytes, string of, LineDecoder decode, Output output)
    {
        if (bytes.Length == 0)
            throw new CommandException(ExitCodes.Failed, $"not a line of {of}: there is nothing on standard input");
        var rest = bytes.AsSpan();
        for (var number = 1; !rest.IsEmpty; number++)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var feed ? feed + 1 : rest.Length;
            if (decode(rest[..end], out var reason) is not { } json)
                throw new CommandException(ExitCodes.Failed, $"line {number} is not one of {of}: {reason}");
            output.Line(json);
            rest = rest[end..];
        }
    }

    // Lines of one stream: an event is made of several of them, and stands behind the one that told it.
    private static void OpenSshLog(byte[] bytes, Output output)
    {
        var sessions = new OpenSshSessions(Environment.MachineName, Source, "boot");
        var lines = 0;
        var rest = bytes.AsSpan();
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n') is >= 0 and var feed ? feed + 1 : rest.Length;
            if (OpenSshLine.TryDecode(rest[..end], out var line, out _))
            {
                lines++;
                output.Line(Json(json =>
                {
                    json.WritePropertyName("message");
                    OpenSshJson.Write(json, line);
                }));
                // All at one time: an error belongs to the line before it.
                foreach (var e in sessions.Take(new OpenSshNotice(line, DateTimeOffset.UnixEpoch)))
                    output.Line(EventLine(e));
            }
            rest = rest[end..];
        }
        foreach (var e in sessions.Pass(DateTimeOffset.UtcNow))
            output.Line(EventLine(e));
        if (lines == 0)
            throw new CommandException(ExitCodes.Failed, "no line of OpenSSH on standard input: a line has a program and its process, such as \"internal-sftp[123]: ...\"");
    }

    private static string EventLine(FtpEvent e) => Json(json =>
    {
        json.WriteStartObject("event");
        EventJson.WriteBody(json, e);
        json.WriteEndObject();
    });

    private static string ToJson(Action<Utf8JsonWriter> message, FtpEvent? e) => Json(json =>
    {
        json.WritePropertyName("message");
        message(json);
        if (e is null)
        {
            json.WriteNull("event");
            return;
        }
        json.WriteStartObject("event");
        EventJson.WriteBody(json, e);
        json.WriteEndObject();
    });

    private static string Json(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
