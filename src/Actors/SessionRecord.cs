using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>How a session became known to us.</summary>
public enum SessionBegan
{
    /// <summary>Its login was seen.</summary>
    Login,
    /// <summary>Something else of it was seen first.</summary>
    Seen,
}

/// <summary>How a session ended.</summary>
public enum SessionEnded
{
    /// <summary>The server reported the logout.</summary>
    Logout,
    /// <summary>The connection was lost.</summary>
    Lost,
    /// <summary>Nothing was heard of it for the idle limit.</summary>
    Idle,
    /// <summary>The server was restarted.</summary>
    Restart,
}

/// <summary>What a session is doing.</summary>
public enum SessionState
{
    /// <summary>Nothing, as far as is known.</summary>
    Idle,
    /// <summary>Sending a file to the client.</summary>
    Downloading,
    /// <summary>Receiving a file from the client.</summary>
    Uploading,
    /// <summary>Over.</summary>
    Closed,
}

/// <summary>How sure it is that the events of this session are its own.</summary>
public enum SessionCertainty
{
    /// <summary>The server gave an id of its own.</summary>
    Exact,
    /// <summary>No other session had the same identity at the time.</summary>
    Likely,
    /// <summary>Sessions of the same identity were open at once: events may have been counted on the wrong one.</summary>
    Ambiguous,
}

/// <summary>
/// One session's row, the state a <c>SessionActor</c> works on. Mutable for the one shard loop that owns it; everyone else reads copies from the journal.
/// </summary>
public sealed record SessionRecord
{
    /// <summary>Spool id and seq of the event that began it, joined by '-': the same after any replay.</summary>
    public required string Id { get; init; }
    /// <summary>Whose it is.</summary>
    public required SessionKey Key { get; init; }
    /// <summary>Login name; for sources with an id of their own it may become known later than the key.</summary>
    public string User { get; set; } = "";
    /// <summary>Client.</summary>
    public string RemoteHost { get; set; } = "";
    /// <summary>The server's end of the connection, <c>address:port</c>, null when the source does not say.</summary>
    public string? Local { get; set; }
    /// <summary>E-mail given by an anonymous user.</summary>
    public string? Email { get; set; }
    /// <summary>Login, or first sight.</summary>
    public required DateTimeOffset OpenedAt { get; init; }
    /// <summary>End; null while open.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
    /// <summary>How it became known.</summary>
    public required SessionBegan Began { get; init; }
    /// <summary>How it ended; null while open.</summary>
    public SessionEnded? Ended { get; set; }
    /// <summary>What it is doing.</summary>
    public SessionState State { get; set; }
    /// <summary>How sure we are.</summary>
    public SessionCertainty Certainty { get; set; }
    /// <summary>The file of the last transfer, or of the running one.</summary>
    public string? Path { get; set; }
    /// <summary>Where in the file the running transfer is, bytes, and so with <see cref="RestartAt"/>; 0 when none runs.</summary>
    public long BytesNow { get; set; }
    /// <summary>Size of the file of the running download, bytes; null when none runs or it is not known.</summary>
    public long? BytesTotal { get; set; }
    /// <summary>Where in the file the running transfer began, bytes; null when none runs or it is not known.</summary>
    public long? RestartAt { get; set; }
    /// <summary>When the running transfer began; null when none runs or it is not known.</summary>
    public DateTimeOffset? TransferStartedAt { get; set; }
    /// <summary>Bytes per second of the running transfer, else of the last one; 0 when unknown.</summary>
    public double Rate { get; set; }
    /// <summary>Uploads that ended well.</summary>
    public int Uploads { get; set; }
    /// <summary>Downloads that ended well.</summary>
    public int Downloads { get; set; }
    /// <summary>Bytes of all uploads, also of those that failed half-way.</summary>
    public long BytesUp { get; set; }
    /// <summary>Bytes of all downloads, also of those that failed half-way.</summary>
    public long BytesDown { get; set; }
    /// <summary>Operations of any kind that did not end well.</summary>
    public int Failures { get; set; }
    /// <summary>Files and folders removed.</summary>
    public int Deletes { get; set; }
    /// <summary>Folders made.</summary>
    public int Mkdirs { get; set; }
    /// <summary>Renames.</summary>
    public int Renames { get; set; }
    /// <summary>Everything else (listings, links, modes, unknown words).</summary>
    public int Other { get; set; }
    /// <summary>When the last event of it was received.</summary>
    public DateTimeOffset LastAt { get; set; }
}
