using System.Runtime.InteropServices;
using System.Text;
using FtpActors.Ingest.Linux;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Why the upload pipe cannot be read, and the way out.</summary>
internal sealed class UploadFifoException(string message) : IOException(message);

/// <summary>
/// Pure-FTPd's FIFO, held open for reading and writing: so the server never waits for a reader at its start, no upload gets EPIPE, and there is no end
/// of file when the server stops. What is in it can be looked at without being taken: tee(2) doubles it into a pipe of our own.
/// Belongs to one thread.
/// </summary>
internal sealed unsafe class UploadFifo : IDisposable
{
    private readonly SafeFileHandle _fifo;
    private readonly SafeFileHandle _copyOut;
    private readonly SafeFileHandle _copyIn;

    private UploadFifo(SafeFileHandle fifo, FileStatus status, int wantedBytes)
    {
        _fifo = fifo;
        Identity = FileIdentity.Of(status);
        var ends = stackalloc int[2];
        if (PipeCalls.pipe2(ends, PipeCalls.O_CLOEXEC | PipeCalls.O_NONBLOCK) != 0)
            throw new UploadFifoException($"No pipe can be made: {Marshal.GetLastPInvokeErrorMessage()}. Raise the limit of open files.");
        (_copyOut, _copyIn) = (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
        Enlarge(_fifo, wantedBytes);
        Bytes = PipeCalls.fcntl(_fifo, PipeCalls.F_GETPIPE_SZ, 0);
        // tee gives what fits: with as many slots the copy holds all of it.
        Enlarge(_copyIn, Bytes);
    }

    /// <summary>Names this FIFO: when another stands at the path, the server's next start uses that one.</summary>
    public string Identity { get; }

    /// <summary>Bytes the FIFO can hold.</summary>
    public int Bytes { get; }

    /// <summary>Opens the FIFO, or makes it.</summary>
    /// <param name="path">The server's path of it.</param>
    /// <param name="owner">Who must own it; the server demands uid 0.</param>
    /// <param name="wantedBytes">How many bytes it should hold; less when the system does not allow it.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="server">Who writes into it.</param>
    /// <exception cref="UploadFifoException">It is not what the server accepts, or cannot be opened.</exception>
    public static UploadFifo Open(string path, uint owner, int wantedBytes, string name = "Upload pipe", string server = "Pure-FTPd")
    {
        var bytes = Encoding.UTF8.GetBytes(path);
        var status = FileStatus.TryRead(bytes, out var errno);
        if (status is null && errno == Errno.ENOENT)
        {
            Make(path, bytes, name);
            status = FileStatus.TryRead(bytes, out errno);
        }
        if (status is null)
            throw new UploadFifoException($"{name} {path}: {Marshal.GetPInvokeErrorMessage(errno)}.");
        Check(path, status, owner, name, server);
        var fd = Call(bytes, terminated => PipeCalls.open(terminated, PipeCalls.O_RDWR | PipeCalls.O_NONBLOCK | PipeCalls.O_CLOEXEC | PipeCalls.O_NOFOLLOW));
        if (fd < 0)
            throw new UploadFifoException($"{name} {path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}. This program runs as {Environment.UserName}; run it as root.");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            return new UploadFifo(handle, status, wantedBytes);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>To poll: readable when there is something in it.</summary>
    public int File => (int)_fifo.DangerousGetHandle();

    /// <summary>Copies what is in the FIFO and leaves it there; the number of bytes.</summary>
    /// <param name="buffer">At least <see cref="Bytes"/> long.</param>
    public int Peek(Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, Bytes);
        var n = Result(PipeCalls.tee(_fifo, _copyIn, (nuint)Bytes, PipeCalls.SPLICE_F_NONBLOCK), "tee");
        return n == 0 ? 0 : ReadAll(_copyOut, buffer[..n]);
    }

    /// <summary>Takes bytes out of the FIFO, fewer only when another reader took them; the number of bytes.</summary>
    public int Take(Span<byte> buffer) => ReadAll(_fifo, buffer);

    public void Dispose()
    {
        _copyIn.Dispose();
        _copyOut.Dispose();
        _fifo.Dispose();
    }

    private static void Make(string path, byte[] bytes, string name)
    {
        if (Call(bytes, terminated => PipeCalls.mkfifo(terminated, 0b110_000_000)) != 0 && Marshal.GetLastPInvokeError() != Errno.EEXIST)
        {
            throw new UploadFifoException(
                $"{name} {path} is missing and cannot be made: {Marshal.GetLastPInvokeErrorMessage()}. Make its folder, or run this program as root.");
        }
    }

    // The server opens nothing else, and then works without events until it is started again (upload-pipe.c).
    private static void Check(string path, FileStatus status, uint owner, string name, string server)
    {
        if (status.Type != FileStatus.Fifo)
        {
            throw new UploadFifoException(
                $"{path} is not a pipe, so {server} gives no events. Remove it; this program makes the pipe. Then restart {server}.");
        }
        if (status.Permissions != 0b110_000_000 || status.Uid != owner)
        {
            throw new UploadFifoException(
                $"{name} {path} has mode 0{Convert.ToString(status.Permissions, 8)} and owner {status.Uid}; it must have mode 0600 and "
                + $"owner {owner}, or {server} does not take it or others could forge events. Run: chown {owner} {path}; chmod 0600 {path}; then restart {server}.");
        }
    }

    private static void Enlarge(SafeFileHandle pipe, int bytes)
    {
        // EPERM above fs.pipe-max-size: try what is allowed. The caller sees the result by F_GETPIPE_SZ.
        for (; bytes > 65536 && PipeCalls.fcntl(pipe, PipeCalls.F_SETPIPE_SZ, bytes) < 0; bytes /= 2)
        {
        }
    }

    private static int ReadAll(SafeFileHandle pipe, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            nint n;
            fixed (byte* p = buffer[total..])
                n = PipeCalls.read(pipe, p, (nuint)(buffer.Length - total));
            if (n < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR)
                continue;
            if (Result(n, "read") == 0)
                break;
            total += (int)n;
        }
        return total;
    }

    /// <summary>0 when there is nothing.</summary>
    private static int Result(nint result, string call)
    {
        if (result >= 0)
            return (int)result;
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.EAGAIN || (errno == Errno.EINTR && call == "tee") ? 0 : throw new UploadFifoException($"{call} of the upload pipe: {Marshal.GetPInvokeErrorMessage(errno)}.");
    }

    private delegate int PathCall(byte* path);

    private static int Call(byte[] name, PathCall call)
    {
        byte[] terminated = [.. name, 0];
        fixed (byte* p = terminated)
            return call(p);
    }
}
