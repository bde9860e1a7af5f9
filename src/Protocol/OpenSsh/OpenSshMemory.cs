namespace FtpActors.Protocol.OpenSsh;

/// <summary>A connection of a client, from its first line to its end.</summary>
public sealed record OpenSshConnection
{
    /// <summary>Name of the session.</summary>
    public required string Id { get; init; }
    /// <summary>Its living processes: the monitor, and the child that serves the user. It has ended when none lives.</summary>
    public List<ProcessName> Processes { get; init; } = [];
    /// <summary>Login name, "" before the user was let in.</summary>
    public string User { get; set; } = "";
    /// <summary>The client's address.</summary>
    public string Address { get; set; } = "";
    /// <summary>The client's port; 0 when no line has told it.</summary>
    public int Port { get; set; }
    /// <summary>The server's end.</summary>
    public string? Local { get; set; }
    /// <summary>How the user was let in.</summary>
    public string? Method { get; set; }
    /// <summary>By which key.</summary>
    public string? Key { get; set; }
    /// <summary>When.</summary>
    public DateTimeOffset? AcceptedAt { get; set; }
    /// <summary>Numbers of channels that were announced and have not begun.</summary>
    public List<int> Announced { get; init; } = [];
    /// <summary>Its login was told: it has had a session of SFTP.</summary>
    public bool IsTold { get; set; }
    /// <summary>A refused login was told.</summary>
    public bool WasRefused { get; set; }
    /// <summary>Its end was logged.</summary>
    public bool IsDisconnected { get; set; }
}

/// <summary>One session of sftp: a channel of a connection, a process.</summary>
public sealed record OpenSshChannel
{
    /// <summary>The process.</summary>
    public required ProcessName Process { get; init; }
    /// <summary><see cref="OpenSshConnection.Id"/>; null when lines come by a file, and nothing ties them to a connection.</summary>
    public string? Connection { get; init; }
    /// <summary>Login name.</summary>
    public required string User { get; init; }
    /// <summary>The client's address.</summary>
    public required string Address { get; init; }
    /// <summary>Number of the channel; null when not told.</summary>
    public int? Number { get; init; }
    /// <summary>Files that are open.</summary>
    public List<OpenSshFile> Files { get; init; } = [];
    /// <summary>What was begun last, and whose outcome no line has told yet.</summary>
    public OpenSshOperation? Pending { get; set; }
    /// <summary>Requests that change nothing are logged, too: an error without a line before it is none of these.</summary>
    public bool IsVerbose { get; set; }
}

/// <summary>A file that is open.</summary>
/// <param name="Path">The whole path.</param>
/// <param name="IsWritten">Opened for writing.</param>
/// <param name="IsAppended">Goes on behind what is there: a resumed upload.</param>
/// <param name="At">Since when.</param>
public sealed record OpenSshFile(string Path, bool IsWritten, bool IsAppended, DateTimeOffset At);

/// <summary>An operation that was begun.</summary>
/// <param name="Event">The event if it succeeds; of an opening, if it fails.</param>
/// <param name="IsOpening">A file is opened: its success is no event.</param>
/// <param name="At">When.</param>
public sealed record OpenSshOperation(FtpEvent Event, bool IsOpening, DateTimeOffset At);

/// <summary>What the next <see cref="OpenSshSessions"/> must know.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Channels">Open channels.</param>
public sealed record OpenSshMemory(IReadOnlyList<OpenSshConnection> Connections, IReadOnlyList<OpenSshChannel> Channels);
