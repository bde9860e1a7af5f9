using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.Proftpd;

/// <summary>What ProFTPD's messages say, in our own terms.</summary>
public static class ProftpdEvents
{
    // They prepare others, or ask; nothing of a session is to be told by them. RNFR is the first half of a rename, QUIT is told by EXIT, ABOR by its transfer.
    private static readonly FrozenSet<string> Silent = FrozenSet.Create(
        "TYPE", "MODE", "STRU", "PASV", "EPSV", "PORT", "EPRT", "LPSV", "LPRT", "REST", "ALLO", "ABOR", "NOOP", "PBSZ", "PROT", "OPTS", "FEAT", "SYST", "HOST", "CLNT", "CSID",
        "AUTH", "CCC", "LANG", "QUIT", "PWD", "XPWD", "USER", "PASS", "ACCT", "HELP", "SITE HELP", "EXIT", "SITE CPFR", "INIT", "REALPATH", "EXTENDED", "CLOSE", "READ", "WRITE",
        "USERAUTH_REQUEST", "CHANNEL_OPEN", "CHANNEL_REQUEST", "CHANNEL_EOF", "CHANNEL_CLOSE");

    /// <summary>
    /// The event of a message; null when it tells nothing of a session: a connection, what is said before a login, commands that only prepare others (TYPE, PASV, REST), the
    /// first half of a rename, and the made-up MKD and RMD of SITE MKDIR. A rename's halves are one event; an upload cut by ABOR is <c>aborted</c>.
    /// <para><see cref="FtpEvent.Extra"/> has <c>protocol=</c> and <c>local=</c> of a login, <c>reason=</c> of a logout, <c>answer=</c> of what failed, <c>offset=</c> of a transfer that
    /// began behind the file's start, and the variables <c>ENV:X=</c> of the format.</para>
    /// </summary>
    /// <param name="m">The message.</param>
    /// <param name="receivedAt">When our node received it; cut to the microsecond.</param>
    /// <param name="host">Name of the FTP host.</param>
    /// <param name="source">Name of the source in the configuration.</param>
    public static FtpEvent? OfMessage(ProftpdMessage m, DateTimeOffset receivedAt, string host, string source)
    {
        if (KindOf(m) is not { } kind)
            return null;
        var e = new FtpEvent
        {
            ReceivedAt = Microseconds(receivedAt), Time = m.Time, Kind = kind, Host = host, Service = m.ServerName ?? "", Source = source, Session = m.Session,
            User = m.User ?? m.OriginalUser ?? "", Email = m.AnonymousPassword, RemoteHost = m.RemoteIp ?? "", Status = StatusOf(m, kind), Flags = m.Flags,
            Type = kind == EventKind.Other || m.Command is "STOU" or "APPE" or "NLST" or "MLSD" ? m.Command : null, Extra = ExtraOf(m, kind), Fingerprint = FingerprintOf(m),
        };
        return kind switch
        {
            EventKind.Login or EventKind.LoginFailed or EventKind.Logout => e,
            EventKind.Upload or EventKind.Download or EventKind.List => Transfer(e, m),
            EventKind.Rename when m.Command == "RNTO" => Names(e, m, m.RenameFrom, ProftpdPaths.FileOf(m)),
            EventKind.Symlink => TwoNames(e, m),
            _ when m.Command == "SITE COPY" => TwoNames(e, m),
            _ => Names(e, m, OperandOf(m), null),
        };
    }

    /// <summary>The event of a line of an xferlog. <see cref="FtpEvent.Time"/> is the start of the transfer.</summary>
    /// <param name="line">The line.</param>
    /// <param name="receivedAt">When our node received it; cut to the microsecond.</param>
    /// <param name="host">Name of the FTP host.</param>
    /// <param name="source">Name of the source in the configuration.</param>
    /// <param name="zone">The server's time zone: the lines do not name it.</param>
    public static FtpEvent OfLine(XferlogLine line, DateTimeOffset receivedAt, string host, string source, TimeZoneInfo zone)
    {
        var ended = new DateTimeOffset(line.EndedAt, zone.GetUtcOffset(line.EndedAt)).ToUniversalTime();
        var seconds = line.Kind == EventKind.Delete ? (long?)null : line.Seconds;
        return new FtpEvent
        {
            ReceivedAt = Microseconds(receivedAt), Kind = line.Kind, Host = host, Source = source, User = line.IsAnonymous ? "anonymous" : line.User,
            Email = line.IsAnonymous ? line.User : null, RemoteHost = line.Host, Path = line.Path, Bytes = line.Kind == EventKind.Delete ? null : line.Bytes, Seconds = seconds,
            Time = ended.AddSeconds(-(seconds ?? 0)),
            Status = line.IsComplete switch { true => EventStatus.Ok, false => EventStatus.Incomplete, null => EventStatus.Unknown },
            Extra = [$"protocol={line.Service}"],
        };
    }

    private static EventKind? KindOf(ProftpdMessage m)
    {
        if (m.IsExit)
            return m.User is null ? null : EventKind.Logout;
        if (m.IsConnect || m.Command is not { } command)
            return null;
        if (command is "PASS" or "USER" or "ACCT" && m.Code is 230 or 232)
            return EventKind.Login;
        // 503 is a PASS without a USER: nobody was refused.
        if (m.User is null)
            return command is "PASS" or "USER" && m.Code is 421 or (>= 500 and not 503) ? EventKind.LoginFailed : null;
        return command switch
        {
            "STOR" or "STOU" or "APPE" => EventKind.Upload,
            "RETR" => EventKind.Download,
            "LIST" or "NLST" or "MLSD" => EventKind.List,
            "DELE" => EventKind.Delete,
            "MKD" or "XMKD" => IsMadeUp(m, 257) ? null : EventKind.Mkdir,
            "RMD" or "XRMD" => IsMadeUp(m, 250) ? null : EventKind.Rmdir,
            "SITE MKDIR" => EventKind.Mkdir,
            "SITE RMDIR" => EventKind.Rmdir,
            "RNFR" => ProftpdStatus.Of(m) == EventStatus.Ok ? null : EventKind.Rename,
            "RNTO" => EventKind.Rename,
            // SFTP's; the transfer tells the rest.
            "OPEN" when ProftpdStatus.Of(m) == EventStatus.Ok => null,
            "SITE CHMOD" => EventKind.Chmod,
            "SITE SYMLINK" or "SYMLINK" => EventKind.Symlink,
            _ => Silent.Contains(command) ? null : EventKind.Other,
        };
    }

    // SITE MKDIR makes one for each part of the path, without an answer; its RMD carries the answer of an older MKD.
    private static bool IsMadeUp(ProftpdMessage m, int done) => m.Protocol is not ("sftp" or "scp") && (m.Code is null || (m.Code is >= 200 and < 300 && m.Code != done));

    private static EventStatus StatusOf(ProftpdMessage m, EventKind kind) => kind switch
    {
        EventKind.Login => EventStatus.Ok,
        EventKind.LoginFailed => EventStatus.Denied,
        EventKind.Logout => m.EndReason is null || m.EndReason.StartsWith("Quit", StringComparison.Ordinal) ? EventStatus.Ok : EventStatus.Incomplete,
        _ => ProftpdStatus.Of(m),
    };

    private static FtpEvent Transfer(FtpEvent e, ProftpdMessage m)
    {
        var seconds = m.Seconds is >= 0 and < 1e9 ? m.Seconds : null;
        var started = m.Time is { } ended && seconds is { } s && ended - DateTimeOffset.UnixEpoch > TimeSpan.FromSeconds(s) ? Microseconds(ended.AddSeconds(-s)) : m.Time;
        return Names(e, m, ProftpdPaths.FileOf(m), null) with { Time = started, Seconds = seconds, Bytes = m.Bytes is { } bytes ? ProftpdFields.Whole(bytes) : null };
    }

    private static FtpEvent Names(FtpEvent e, ProftpdMessage m, string? path, string? pathTo)
    {
        path = path is null ? null : ProftpdPaths.Whole(m, path);
        pathTo = pathTo is null ? null : ProftpdPaths.Whole(m, pathTo);
        var isRelative = (path is not null && !ProftpdPaths.IsWhole(path)) || (pathTo is not null && !ProftpdPaths.IsWhole(pathTo));
        var isHalf = e.Kind == EventKind.Rename && e.Status == EventStatus.Ok && (path is null || pathTo is null);
        return e with { Path = path, PathTo = pathTo, Flags = e.Flags | (isRelative ? EventFlags.RelativePath : 0) | (isHalf ? EventFlags.Short : 0) };
    }

    // The command's words are not quoted: with a blank in a name nobody can tell where it ends.
    private static FtpEvent TwoNames(FtpEvent e, ProftpdMessage m)
    {
        var words = OperandOf(m)?.Split(' ') ?? [];
        var named = Names(e, m, words is [var first, ..] ? first : null, words is [_, var second, ..] ? second : null);
        return words.Length == 2 ? named : named with { Flags = named.Flags | EventFlags.Ambiguous };
    }

    /// <summary>The file of a command: that of the message, else what its parameters name behind the words of the command itself.</summary>
    private static string? OperandOf(ProftpdMessage m)
    {
        if (m.File is not null || m.TransferPath is not null)
            return ProftpdPaths.FileOf(m);
        if (m.Parameters is not { } text)
            return null;
        var isSite = m.Command!.StartsWith("SITE ", StringComparison.Ordinal);
        var rest = isSite && text.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? text[(end + 1)..] : isSite ? null : text;
        // MFF's and MFMT's facts come first.
        return m.Command is "MFF" or "MFMT" && rest?.IndexOf(' ', StringComparison.Ordinal) is > 0 and var facts ? rest[(facts + 1)..] : rest;
    }

    private static List<string>? ExtraOf(ProftpdMessage m, EventKind kind)
    {
        List<string>? extra = null;
        if (kind is EventKind.Login or EventKind.LoginFailed)
        {
            if (m.LocalIp is { } address && m.LocalPort is { } port)
                Add(SessionWords.Local, string.Create(CultureInfo.InvariantCulture, $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{port}"));
            Add("protocol=", m.Protocol);
        }
        Add("reason=", kind == EventKind.Logout ? m.EndReason : null);
        Add("answer=", StatusOf(m, kind) is EventStatus.Ok ? null : string.Create(CultureInfo.InvariantCulture, $"{m.Code} {m.Answer}").Trim());
        Add("offset=", m.FileOffset is > 0 and var offset ? ProftpdFields.Whole(offset).ToString(CultureInfo.InvariantCulture) : null);
        foreach (var (key, value) in m.Others)
        {
            if (key.StartsWith("ENV:", StringComparison.Ordinal))
                Add($"{key}=", value);
        }
        return extra;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                (extra ??= []).Add(name + value);
        }
    }

    // What the same message is known by when it comes again: by a producer's retry, or because another node reads what one had stored and not committed.
    private static string? FingerprintOf(ProftpdMessage m) => m.Session is { } session && m.Time is { } time
        ? Fingerprint.Of(Encoding.UTF8.GetBytes(session), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{time.Ticks} {m.Command}\0{m.Parameters}")))
        : null;

    private static DateTimeOffset Microseconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
