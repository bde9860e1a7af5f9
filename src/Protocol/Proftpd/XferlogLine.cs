using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace FtpActors.Protocol.Proftpd;

/// <summary>
/// One line of the classic transfer log, as ProFTPD (TransferLog), vsftpd (xferlog_std_format) and wu-ftpd write it: one file that was sent, received or deleted. The
/// servers put <c>_</c> for blanks and control characters in names, so those are lost before we see them.
/// </summary>
public sealed record XferlogLine
{
    private static readonly Regex Form = new(
        @"^\w{3} (?<month>\w{3}) +(?<day>\d{1,2}) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4}) (?<seconds>\d{1,9}) (?<host>\S+) (?<bytes>\d{1,18}) (?<path>.+) (?<type>[ab]) \S+ (?<way>[iod]) (?<access>[arg]) (?<user>.*) (?<service>\S+) [01] \S+( (?<status>[ci]))?$",
        RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant);

    /// <summary>When it ended, whole seconds, in the server's own time of day.</summary>
    public required DateTime EndedAt { get; init; }
    /// <summary>Duration in whole seconds.</summary>
    public required long Seconds { get; init; }
    /// <summary>The client's address or name.</summary>
    public required string Host { get; init; }
    /// <summary>Bytes transferred; of a deleted file its size.</summary>
    public required long Bytes { get; init; }
    /// <summary>The file, with <c>_</c> for what the server does not write.</summary>
    public required string Path { get; init; }
    /// <summary>Upload, download or delete.</summary>
    public required EventKind Kind { get; init; }
    /// <summary>Login name; of an anonymous user what was given as password.</summary>
    public required string User { get; init; }
    /// <summary>An anonymous user.</summary>
    public required bool IsAnonymous { get; init; }
    /// <summary>ftp, ftps, sftp or scp, as the server says.</summary>
    public required string Service { get; init; }
    /// <summary>Whole; null when the server does not say (old wu-ftpd).</summary>
    public required bool? IsComplete { get; init; }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, with or without its line feed.</param>
    /// <param name="read">What it says.</param>
    /// <param name="reason">Why it says nothing, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out XferlogLine? read, [NotNullWhen(false)] out string? reason)
    {
        (read, reason) = (null, null);
        if (!line.IsEmpty && line[^1] == (byte)'\n')
            line = line[..^1];
        // Each byte one character, and back.
        var m = Form.Match(Encoding.Latin1.GetString(line));
        if (!m.Success)
        {
            reason = "is no line of an xferlog (date, seconds, host, bytes, name, a|b, flag, i|o|d, a|r|g, user, service, 0|1, ident, c|i)";
            return false;
        }
        if (!DateTime.TryParseExact($"{m.Groups["year"]} {m.Groups["month"]} {m.Groups["day"]} {m.Groups["time"]}", "yyyy MMM d HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            reason = "has a date that is none";
            return false;
        }
        read = new XferlogLine
        {
            EndedAt = at, Seconds = Number("seconds"), Host = Text("host"), Bytes = Number("bytes"), Path = Text("path"),
            Kind = m.Groups["way"].Value switch { "i" => EventKind.Upload, "o" => EventKind.Download, _ => EventKind.Delete },
            User = Text("user"), IsAnonymous = m.Groups["access"].Value == "a", Service = Text("service"),
            IsComplete = m.Groups["status"].Success ? m.Groups["status"].Value == "c" : null,
        };
        return true;

        long Number(string name) => long.Parse(m.Groups[name].ValueSpan, CultureInfo.InvariantCulture);
        string Text(string name) => ReversibleText.FromBytes(Encoding.Latin1.GetBytes(m.Groups[name].Value));
    }
}
