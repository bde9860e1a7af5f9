using System.Net.Sockets;
using System.Text;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// A listening Unix socket that only its owner (and root, as which Pure-FTPd asks) can connect to. Comes to its path ready and in one step, takes the place
/// of one that a killed program left, and never that of a living one.
/// </summary>
internal sealed class AuthSocket : IDisposable
{
    // struct sockaddr_un has 108 bytes with its NUL; ".new" must fit.
    private const int LongestPath = 103;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly (ulong Device, ulong Inode) _identity;

    private AuthSocket(string path, FileStream held, Socket socket)
    {
        (_path, _lock, Socket) = (path, held, socket);
        _identity = IdentityAt(path) ?? throw new AuthSocketException($"{path} went away while it was made.");
    }

    public Socket Socket { get; }

    /// <summary>Whether the path still leads here: somebody may have removed it.</summary>
    public bool IsThere => IdentityAt(_path) == _identity;

    /// <exception cref="AuthSocketException">Another program listens there, something else stands there, or it cannot be made.</exception>
    public static AuthSocket Open(string path, int backlog)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new AuthSocketException($"The socket's path {path} is longer than {LongestPath} bytes, which the system does not take.");
        FileStream? held = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
            // Two nodes that start at once would each find the other's socket stale.
            held = TakeLock(path);
            RequireFree(path);
            return new AuthSocket(path, held, Listen(path, backlog));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            held?.Dispose();
            if (e is AuthSocketException)
                throw;
            throw new AuthSocketException($"The socket {path} cannot be made: {e.Message} This program runs as {Environment.UserName}.", e);
        }
    }

    public void Dispose()
    {
        Socket.Dispose();
        if (IsThere)
            File.Delete(_path);
        _lock.Dispose();
    }

    private static FileStream TakeLock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly,
            });
        }
        // EWOULDBLOCK of flock(2), which .NET hands on as the HResult.
        catch (IOException e) when (e.HResult == Errno.EAGAIN)
        {
            throw new AuthSocketException($"Another node has the socket {path}: stop it, or give this one another (authd.socket).", e);
        }
    }

    private static void RequireFree(string path)
    {
        if (FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is not { } status)
            return;
        if (status.Type != FileStatus.Socket)
            throw new AuthSocketException($"{path} is there and is no socket; remove it, or name another (authd.socket).");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Blocking = false;
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // Left by a program that was killed.
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            // Its queue is full, so somebody has it.
        }
        throw new AuthSocketException($"Another program listens on {path} (pure-authd?): stop it, or name another socket (authd.socket).");
    }

    // Bound under another name, so that the path never leads to a socket that is not ready, or that others may use.
    private static Socket Listen(string path, int backlog)
    {
        var made = path + ".new";
        File.Delete(made);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(made));
            File.SetUnixFileMode(made, OwnerOnly);
            socket.Listen(backlog);
            File.Move(made, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static (ulong Device, ulong Inode)? IdentityAt(string path) =>
        FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is { } status ? (status.Device, status.Inode) : null;
}
