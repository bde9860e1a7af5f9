using System.Diagnostics.CodeAnalysis;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>
/// One line of the log of sshd, internal-sftp or sftp-server (9.2p1 was looked at), as it comes to a syslog socket or stands in a syslog file. What sftp is about to do is
/// logged before it is done; a failure is only the <see cref="OpenSshWord.Status"/> that follows.
/// </summary>
public sealed record OpenSshLine
{
    /// <summary><c>sshd</c>, <c>sshd-session</c>, <c>internal-sftp</c> or <c>sftp-server</c>.</summary>
    public required string Program { get; init; }
    /// <summary>The process as the line names it.</summary>
    public required int Pid { get; init; }
    /// <summary>The text behind the process.</summary>
    public required string Text { get; init; }
    /// <summary>What it says.</summary>
    public OpenSshWord Word { get; init; }
    /// <summary>Login name, "" when the line has none.</summary>
    public string User { get; init; } = "";
    /// <summary>The client's address, "" when the line has none.</summary>
    public string Address { get; init; } = "";
    /// <summary>The client's port; 0 when the line has none.</summary>
    public int Port { get; init; }
    /// <summary>The server's end of the connection, <c>address:port</c>.</summary>
    public string? Local { get; init; }
    /// <summary>How the user was let in or refused, such as <c>publickey</c>.</summary>
    public string? Method { get; init; }
    /// <summary>Type and fingerprint of the key.</summary>
    public string? Key { get; init; }
    /// <summary>Number of the channel, or the pid of a child.</summary>
    public int? Number { get; init; }
    /// <summary>The file or folder as sftp names it: from the root of its chroot.</summary>
    public string? Path { get; init; }
    /// <summary>The new name of a rename, the name of a link.</summary>
    public string? PathTo { get; init; }
    /// <summary>How a file is opened, such as <c>WRITE,CREATE,TRUNCATE</c>.</summary>
    public string? Flags { get; init; }
    /// <summary>Bytes that the client has read by this handle.</summary>
    public long Read { get; init; }
    /// <summary>Bytes that it has written by this handle; not the size of the file.</summary>
    public long Written { get; init; }
    /// <summary>The error that was sent.</summary>
    public string? Error { get; init; }
    /// <summary>The names in the line could be split otherwise: one has the text between them in it.</summary>
    public bool IsAmbiguous { get; init; }

    /// <summary>Whether it is a line of sftp, not of sshd.</summary>
    public bool IsSftp => Program is "internal-sftp" or "sftp-server";

    /// <summary>Reads a line.</summary>
    /// <param name="bytes">The line, with or without priority, time, host and line feed.</param>
    /// <param name="line">What it says.</param>
    /// <param name="reason">Why it is none of OpenSSH, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out OpenSshLine? line, [NotNullWhen(false)] out string? reason)
    {
        line = null;
        if (!SyslogHead.TryRead(bytes, out var program, out var pid, out var text))
        {
            reason = "no line of a program with its process, such as \"sshd[123]: ...\"";
            return false;
        }
        if (program is not ("sshd" or "sshd-session" or "sshd-auth" or "internal-sftp" or "sftp-server"))
        {
            reason = $"a line of {program}, not of OpenSSH";
            return false;
        }
        reason = null;
        var plain = new OpenSshLine { Program = program, Pid = pid, Text = VisText.Decode(text) };
        line = plain.IsSftp ? SftpText.Read(plain, text) : SshdText.Read(plain);
        return true;
    }
}
