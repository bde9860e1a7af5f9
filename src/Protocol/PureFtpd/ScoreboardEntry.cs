using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>What a session does, by the server's numbers.</summary>
public enum ScoreboardState
{
    /// <summary>The place is not in use: the session begins or ends just now.</summary>
    Free,
    /// <summary>No transfer; listings count as idle.</summary>
    Idle,
    /// <summary>A file goes out.</summary>
    Download,
    /// <summary>A file comes in.</summary>
    Upload,
}

/// <summary>
/// One <c>client-*</c> file of Pure-FTPd's scoreboard: its struct FTPWhoEntry of 64-bit little-endian Linux. The server changes it in place without a
/// lock that we honour, so two readings of the same moment may differ by a byte count.
/// </summary>
public sealed record ScoreboardEntry
{
    /// <summary>What the session does.</summary>
    public required ScoreboardState State { get; init; }
    /// <summary>Process of the session; 0 before the server has filled the entry.</summary>
    public required int Pid { get; init; }
    /// <summary>The client, null before the server has filled the entry.</summary>
    public IPEndPoint? Peer { get; init; }
    /// <summary>The server's end of the connection, null before the server has filled the entry.</summary>
    public IPEndPoint? Local { get; init; }
    /// <summary>Start of the session, whole seconds.</summary>
    public required DateTimeOffset StartedAt { get; init; }
    /// <summary>Start of the transfer; of the last one while idle; the session's start before the first.</summary>
    public required DateTimeOffset TransferStartedAt { get; init; }
    /// <summary>Where in the file the transfer began (REST), bytes; of the last transfer while idle.</summary>
    public long RestartAt { get; init; }
    /// <summary>Bytes of the file for a download, the same as <see cref="CurrentSize"/> for an upload; of the last transfer while idle.</summary>
    public long TotalSize { get; init; }
    /// <summary>Position in the file, bytes, counted from its start and so including <see cref="RestartAt"/>; of the last transfer while idle.</summary>
    public long CurrentSize { get; init; }
    /// <summary>Login name as <see cref="ReversibleText"/>; <c>?</c> until the password was accepted.</summary>
    public string Account { get; init; } = "";
    /// <summary>
    /// The argument of RETR or STOR as the client typed it (perhaps relative), as <see cref="ReversibleText"/>; "" while idle. Servers before
    /// 1.0.53 lose the last byte of one of 1024 bytes and more; later ones keep its last 1023.
    /// </summary>
    public string File { get; init; } = "";

    /// <summary>Whether somebody is logged in.</summary>
    public bool IsLoggedIn => Account is not ("" or "?");

    /// <summary>
    /// Start and pid in hexadecimal with a dot between, as the server's own stats log names the session: unique on a host until it boots again within
    /// the same second.
    /// </summary>
    public string Session => PureFtpdSession.Id(StartedAt, Pid);

    /// <summary>Reads a file of the scoreboard. Its length tells the build that wrote it: see <see cref="ScoreboardLayout"/>.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="reason">Why there is none, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> file, [NotNullWhen(true)] out ScoreboardEntry? entry, [NotNullWhen(false)] out string? reason)
    {
        entry = null;
        if (ScoreboardLayout.OfLength(file.Length) is not { } layout)
        {
            reason = $"{file.Length} bytes: an entry of the scoreboard has {ScoreboardLayout.KnownLengths}";
            return false;
        }
        return layout.TryRead(file, out entry, out reason);
    }

    /// <summary>The file of an entry, for tests and simulations.</summary>
    /// <exception cref="ArgumentException">A name is too long for the layout.</exception>
    public byte[] Encode(ScoreboardLayout layout) => layout.Write(this);
}
