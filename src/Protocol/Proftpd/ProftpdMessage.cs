using System.Globalization;

namespace FtpActors.Protocol.Proftpd;

/// <summary>
/// One thing that ProFTPD said of one session, by mod_kafka or by a log of ours: an answered command, a connection, or the end of a session. Texts are
/// <see cref="ReversibleText"/>, null when they were not said.
/// </summary>
public sealed record ProftpdMessage
{
    private const double LastSecond = 253_402_300_799;

    /// <summary>mod_unique_id's name of the session, 24 characters; null when the format or the module is missing.</summary>
    public string? UniqueId { get; internal set; }
    /// <summary>Process of the session.</summary>
    public long? Pid { get; internal set; }
    /// <summary>Whole seconds since 1970.</summary>
    public double? Epoch { get; internal set; }
    /// <summary>Microseconds of that second.</summary>
    public double? Microseconds { get; internal set; }
    /// <summary>Milliseconds of that second, for formats without microseconds.</summary>
    public double? Milliseconds { get; internal set; }
    /// <summary>Address of the client.</summary>
    public string? RemoteIp { get; internal set; }
    /// <summary>Port of the client.</summary>
    public long? RemotePort { get; internal set; }
    /// <summary>Address that accepted the connection.</summary>
    public string? LocalIp { get; internal set; }
    /// <summary>Port of the virtual server.</summary>
    public long? LocalPort { get; internal set; }
    /// <summary>Address of the virtual server.</summary>
    public string? ServerIp { get; internal set; }
    /// <summary>DNS name of the server; its address when the look-up is off.</summary>
    public string? ServerDns { get; internal set; }
    /// <summary>ServerName of the virtual server.</summary>
    public string? ServerName { get; internal set; }
    /// <summary>ftp, ftps, ssh2, sftp or scp.</summary>
    public string? Protocol { get; internal set; }
    /// <summary>Who is logged in; null before.</summary>
    public string? User { get; internal set; }
    /// <summary>The login name as it was typed, also when it was refused.</summary>
    public string? OriginalUser { get; internal set; }
    /// <summary>The e-mail given by an anonymous user.</summary>
    public string? AnonymousPassword { get; internal set; }
    /// <summary>The command, such as <c>STOR</c> or <c>SITE CHMOD</c>; null for a connection.</summary>
    public string? Command { get; internal set; }
    /// <summary>What stood behind the command, exactly.</summary>
    public string? Parameters { get; internal set; }
    /// <summary>Code of the answer; 0 to 31 is SFTP's own status.</summary>
    public long? Code { get; internal set; }
    /// <summary>Last line of the answer.</summary>
    public string? Answer { get; internal set; }
    /// <summary>The file of the command, mostly with its full path.</summary>
    public string? File { get; internal set; }
    /// <summary>The same as the client sees it.</summary>
    public string? TransferPath { get; internal set; }
    /// <summary>The folder of a folder's command.</summary>
    public string? DirPath { get; internal set; }
    /// <summary>Of a command about folders: the last part of its argument; else the session's folder.</summary>
    public string? DirName { get; internal set; }
    /// <summary>Old name of a rename.</summary>
    public string? RenameFrom { get; internal set; }
    /// <summary>Bytes moved, in either direction; of a deleted file its size.</summary>
    public double? Bytes { get; internal set; }
    /// <summary>Size of the file after a whole transfer.</summary>
    public double? FileSize { get; internal set; }
    /// <summary>Where in the file the transfer began.</summary>
    public double? FileOffset { get; internal set; }
    /// <summary>An existing file was changed.</summary>
    public bool? FileModified { get; internal set; }
    /// <summary>success, failed, cancelled or timeout.</summary>
    public string? TransferStatus { get; internal set; }
    /// <summary>Duration of a transfer in seconds.</summary>
    public double? TransferSeconds { get; internal set; }
    /// <summary>The same in milliseconds.</summary>
    public double? TransferMilliseconds { get; internal set; }
    /// <summary>binary or ASCII.</summary>
    public string? TransferType { get; internal set; }
    /// <summary>Bytes of the whole session that came in so far; never falls within a session.</summary>
    public double? SessionBytesIn { get; internal set; }
    /// <summary>Bytes of the whole session that went out so far.</summary>
    public double? SessionBytesOut { get; internal set; }
    /// <summary>Why the session ended; only with <c>EXIT</c>.</summary>
    public string? EndReason { get; internal set; }
    /// <summary>Said by <c>connecting</c>, or by the absence of a command.</summary>
    public bool IsConnect => Connecting || (Command is null && !Disconnecting);
    /// <summary>Said by <c>disconnecting</c>, or by the command EXIT.</summary>
    public bool IsExit => Disconnecting || Command == "EXIT";
    /// <summary>An ABOR of the client came right behind this transfer: see <see cref="ProftpdOrder{T}"/>.</summary>
    public bool WasAborted { get; internal set; }
    /// <summary>The session had ended when this transfer was told: its connection broke and cut it.</summary>
    public bool WasCut { get; internal set; }
    /// <summary>Doubts.</summary>
    public EventFlags Flags { get; internal set; }
    /// <summary>Keys that have no place of their own (<c>ENV:X</c>, <c>NOTE:...</c>, time formats), in their order.</summary>
    public IReadOnlyList<(string Key, string Value)> Others { get; internal set; } = [];

    internal bool Connecting { get; set; }
    internal bool Disconnecting { get; set; }

    /// <summary>When it was answered, by the server's clock; null when the format does not say or says no time.</summary>
    public DateTimeOffset? Time => Epoch is not (>= 0 and <= LastSecond)
        ? null
        : DateTimeOffset.FromUnixTimeSeconds((long)Epoch).AddTicks(TimeSpan.TicksPerMicrosecond * (long)Math.Clamp(Microseconds ?? Milliseconds * 1000 ?? 0, 0, 999_999));

    /// <summary>Duration of the transfer in seconds, null when none is said.</summary>
    public double? Seconds => TransferMilliseconds / 1000 ?? TransferSeconds;

    /// <summary>
    /// Names the session: its unique id, else process and both ends of the connection, one process being one session. Null when the message names neither.
    /// </summary>
    public string? Session => UniqueId ?? (Pid is null || RemoteIp is null || RemotePort is null
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{Pid}/{RemoteIp}:{RemotePort}/{LocalIp ?? ServerIp}:{LocalPort}"));

    /// <summary>The server, best first: its DNS name, the address that accepted the connection, the virtual server's. "" when the message names none.</summary>
    public string Server => ServerDns is { Length: > 0 } dns && dns != ServerIp && dns != LocalIp ? dns : LocalIp ?? ServerIp ?? "";
}
