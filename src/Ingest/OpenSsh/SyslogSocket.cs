using System.Net.Sockets;
using System.Text;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>
/// A socket as syslog(3) writes to, open to everybody. It takes the place of one that a killed program left, and of the link by which systemd leads <c>/dev/log</c> to its journal, which
/// it puts back at its end; never that of a living socket.
/// </summary>
internal sealed class SyslogSocket : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0b110_110_110;

    private readonly (ulong Device, ulong Inode)? _identity;
    private readonly string? _link;

    private SyslogSocket(string path, Socket socket, string? link)
    {
        (Path, Socket, _link) = (path, socket, link);
        _identity = IdentityAt(path);
    }

    public string Path { get; }

    public Socket Socket { get; }

    /// <summary>Whether the path still leads here: a restarted syslog puts its own socket there.</summary>
    public bool IsThere => IdentityAt(Path) == _identity;

    /// <exception cref="IOException">It cannot be made; the message says why and the way out.</exception>
    public static SyslogSocket Open(string path, string? forward)
    {
        var link = new FileInfo(path).LinkTarget;
        if (link is not null && forward is null)
        {
            throw new IOException($"{path} is a link to {link}, where this machine's syslog listens. Give \"forward\": \"{link}\": this program then takes the place of the link and "
                + "sends every line on there.");
        }
        if (link is null)
            RequireFree(path);
        // Bound under another name, so that the path never leads to a socket that is not ready.
        var made = path + ".new";
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            File.Delete(made);
            CredentialReader.Ask(socket);
            socket.ReceiveBufferSize = 4 * 1024 * 1024;
            socket.Bind(new UnixDomainSocketEndPoint(made));
            File.SetUnixFileMode(made, Everybody);
            File.Move(made, path, overwrite: true);
            return new SyslogSocket(path, socket, link);
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException or IOException or ArgumentException)
        {
            socket.Dispose();
            throw new IOException($"The socket {path} cannot be made: {e.Message} This program runs as {Environment.UserName}.", e);
        }
    }

    public void Dispose()
    {
        var isThere = IsThere;
        Socket.Dispose();
        if (!isThere)
            return;
        File.Delete(Path);
        if (_link is not null)
            File.CreateSymbolicLink(Path, _link);
    }

    private static void RequireFree(string path)
    {
        if (FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is not { } status)
            return;
        if (status.Type != FileStatus.Socket)
            throw new IOException($"{path} is there and is no socket; remove it, or name another in \"sockets\".");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Left by a program that was killed.
            return;
        }
        throw new IOException($"Another program listens on {path} (ss -lxp shows which). Have it listen elsewhere (rsyslog: input(type=\"imuxsock\" Socket=\"/run/rsyslog/log\") with "
            + "SysSock.Use=\"off\") and name that in \"forward\"; or have sshd's users log to sockets in their chroots.");
    }

    private static (ulong Device, ulong Inode)? IdentityAt(string path) =>
        FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is { } status ? (status.Device, status.Inode) : null;
}
