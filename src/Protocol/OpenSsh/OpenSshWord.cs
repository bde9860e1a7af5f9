namespace FtpActors.Protocol.OpenSsh;

/// <summary>What a line of OpenSSH's log says.</summary>
public enum OpenSshWord
{
    /// <summary>Nothing that a session is made of.</summary>
    Other,
    /// <summary>sshd: a client has connected (VERBOSE).</summary>
    Connection,
    /// <summary>sshd: a user was let in.</summary>
    Accepted,
    /// <summary>sshd: a try to log in failed.</summary>
    Failed,
    /// <summary>sshd: the connection of somebody who was not let in has ended.</summary>
    Refused,
    /// <summary>sshd: the process that serves the user (VERBOSE).</summary>
    Child,
    /// <summary>sshd: a channel begins (VERBOSE).</summary>
    Channel,
    /// <summary>sshd: the connection has ended.</summary>
    Disconnected,
    /// <summary>sftp: a session of a channel begins.</summary>
    SessionOpened,
    /// <summary>sftp: it ends.</summary>
    SessionClosed,
    /// <summary>sftp: a file is about to be opened.</summary>
    Open,
    /// <summary>sftp: the client has closed a file.</summary>
    Close,
    /// <summary>sftp: the connection was lost with the file open.</summary>
    ForcedClose,
    /// <summary>sftp: a file or folder is about to be renamed.</summary>
    Rename,
    /// <summary>sftp: a file is about to be removed.</summary>
    Remove,
    /// <summary>sftp: a folder is about to be made.</summary>
    Mkdir,
    /// <summary>sftp: a folder is about to be removed.</summary>
    Rmdir,
    /// <summary>sftp: a link is about to be made.</summary>
    Symlink,
    /// <summary>sftp: mode, owner, times or size of a file are about to be set.</summary>
    Set,
    /// <summary>sftp: an error was sent to the client, for the request whose line came last.</summary>
    Status,
    /// <summary>sftp: it begins like one of the above, but its end is missing: the server cuts lines of more than 1023 bytes.</summary>
    Cut,
    /// <summary>sftp: a request that changes nothing (VERBOSE); a status that follows is its own.</summary>
    Question,
}
