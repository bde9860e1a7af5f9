namespace FtpActors.Protocol;

/// <summary>What happened. The names in JSON and SQL are those of <see cref="Names"/>.</summary>
public enum EventKind
{
    /// <summary>A user was let in.</summary>
    Login,
    /// <summary>A user was refused.</summary>
    LoginFailed,
    /// <summary>A session ended in order.</summary>
    Logout,
    /// <summary>A file came in, whole or in part: see <see cref="FtpEvent.Status"/>.</summary>
    Upload,
    /// <summary>A file went out, whole or in part.</summary>
    Download,
    /// <summary>A folder was listed.</summary>
    List,
    /// <summary>A file (with NcFTPd perhaps an empty folder) was removed.</summary>
    Delete,
    /// <summary>A folder was made.</summary>
    Mkdir,
    /// <summary>A folder was removed.</summary>
    Rmdir,
    /// <summary><see cref="FtpEvent.Path"/> became <see cref="FtpEvent.PathTo"/>.</summary>
    Rename,
    /// <summary>A link <see cref="FtpEvent.PathTo"/> that points to <see cref="FtpEvent.Path"/> was made.</summary>
    Symlink,
    /// <summary>Permission bits were changed.</summary>
    Chmod,
    /// <summary>Anything else; <see cref="FtpEvent.Type"/> keeps the server's own word.</summary>
    Other,
    /// <summary>
    /// A transfer runs (<see cref="FtpEvent.Type"/> <c>upload</c> or <c>download</c>, <see cref="FtpEvent.Bytes"/> the position in the file so far), or a session whose login
    /// was not seen is there (<c>idle</c>). Nothing is counted from it.
    /// </summary>
    Progress,
}

/// <summary>How it went.</summary>
public enum EventStatus
{
    /// <summary>The source does not say, or says it in a word that is not known.</summary>
    Unknown,
    /// <summary>Done.</summary>
    Ok,
    /// <summary>The client gave up.</summary>
    Aborted,
    /// <summary>The data connection was lost, or the client never acknowledged the file.</summary>
    Incomplete,
    /// <summary>An error of the server.</summary>
    Failed,
    /// <summary>Not permitted.</summary>
    Denied,
    /// <summary>No such file.</summary>
    NotFound,
}

/// <summary>What a reader of the event should know about its making. Most are doubts of the decoder.</summary>
[Flags]
public enum EventFlags
{
    /// <summary>Nothing to say.</summary>
    None = 0,
    /// <summary>The declared length differs from what came by more than a final LF or NUL.</summary>
    LengthMismatch = 1 << 0,
    /// <summary>Less came than was declared: the last field may be cut.</summary>
    Truncated = 1 << 1,
    /// <summary>Fields that belong to the type are absent.</summary>
    Short = 1 << 2,
    /// <summary>More fields came than are known; they are in <see cref="FtpEvent.Extra"/>.</summary>
    ExtraFields = 1 << 3,
    /// <summary>A field that should be a number is not; its text is in <see cref="FtpEvent.Extra"/>.</summary>
    BadNumber = 1 << 4,
    /// <summary>The type is not known; the word is in <see cref="FtpEvent.Type"/>.</summary>
    UnknownType = 1 << 5,
    /// <summary>The status word is not known; it is in <see cref="FtpEvent.Extra"/>.</summary>
    UnknownStatus = 1 << 6,
    /// <summary>More than one reading is possible (a line feed inside a name, a missing "to").</summary>
    Ambiguous = 1 << 7,
    /// <summary>NUL bytes stood where text belongs.</summary>
    EmbeddedNul = 1 << 8,
    /// <summary>The event was made from a message that another reader of the queue took or that our buffer cut.</summary>
    BufferTruncated = 1 << 9,
    /// <summary>The server of this service was restarted: all its open sessions have ended. Kind is <see cref="EventKind.Other"/>.</summary>
    ServerRestart = 1 << 10,
    /// <summary>An upload under a name that the client will change when the file is whole (<see cref="FinalNames"/>). No rule fires for it.</summary>
    Temporary = 1 << 11,
    /// <summary>A path is relative to a folder that the source does not name.</summary>
    RelativePath = 1 << 12,
    /// <summary>More about an upload or rename that another source of the node has told before. It counts for its session; no rule fires for it.</summary>
    Late = 1 << 13,
}

/// <summary>
/// One thing that happened on an FTP server, in our own terms. Immutable; identity (spool, seq) is given when it
/// becomes durable and lives beside it in <see cref="StoredEvent"/>.
/// <para>All names (user, paths, hosts) are strangers' bytes in the reversible form of <see cref="ReversibleText"/>.</para>
/// </summary>
public sealed record FtpEvent
{
    /// <summary>When our node received the message (UTC). Kept to the microsecond.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }
    /// <summary>When it happened by the server's account, null when the message does not say. For a transfer: its start.</summary>
    public DateTimeOffset? Time { get; init; }
    /// <summary>What happened.</summary>
    public required EventKind Kind { get; init; }
    /// <summary>Name of the FTP host (the node's <c>node.name</c> unless the source says otherwise).</summary>
    public required string Host { get; init; }
    /// <summary>The server or virtual domain on that host, "" when unknown.</summary>
    public string Service { get; init; } = "";
    /// <summary>Name of the source in our configuration.</summary>
    public required string Source { get; init; }
    /// <summary>The server's own session id, null when it has none (NcFTPd).</summary>
    public string? Session { get; init; }
    /// <summary>Login name, "" when unknown.</summary>
    public string User { get; init; } = "";
    /// <summary>The e-mail given as password by an anonymous user, null when none.</summary>
    public string? Email { get; init; }
    /// <summary>The client's address or host name as the server wrote it, "" when unknown.</summary>
    public string RemoteHost { get; init; } = "";
    /// <summary>The file or folder, null when the kind has none.</summary>
    public string? Path { get; init; }
    /// <summary>New name of a rename, the link of a symlink.</summary>
    public string? PathTo { get; init; }
    /// <summary>
    /// Of a finished upload that was renamed from a temporary name: that name. It is the upload that was told before under it, told again under its final name,
    /// so nothing is counted from it.
    /// </summary>
    public string? PathFrom { get; init; }
    /// <summary>Bytes transferred (not the size of the file), null when unknown.</summary>
    public long? Bytes { get; init; }
    /// <summary>Duration of a transfer in seconds, null when unknown.</summary>
    public double? Seconds { get; init; }
    /// <summary>How it went.</summary>
    public EventStatus Status { get; init; }
    /// <summary>Doubts of the decoder.</summary>
    public EventFlags Flags { get; init; }
    /// <summary>The server's own word for the kind, where ours says less (<see cref="EventKind.Other"/>, aliases); else null.</summary>
    public string? Type { get; init; }
    /// <summary>Fields that have no place of their own, in their order; null when there are none.</summary>
    public IReadOnlyList<string>? Extra { get; init; }
    /// <summary>
    /// Digest of sender and datagram (22 characters), set only by sources that may deliver a message twice or out of order (UDP).
    /// The sequencer works on events that have one; others pass through it untouched.
    /// </summary>
    public string? Fingerprint { get; init; }

    /// <summary>When the event ended by the server's account: <see cref="Time"/> plus <see cref="Seconds"/>; null when not said.</summary>
    public DateTimeOffset? EndedAt => Time is { } t && Seconds is { } s && s is >= 0 and < 1e9 ? t.AddSeconds(s) : Time;
}

/// <summary>A durable event: identity and content.</summary>
/// <param name="Spool">Random id of the spool that made it durable, 16 hex digits.</param>
/// <param name="Seq">Position in that spool, from 1, without gaps.</param>
/// <param name="Event">What happened.</param>
public sealed record StoredEvent(string Spool, long Seq, FtpEvent Event);
