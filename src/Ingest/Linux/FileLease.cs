using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// Whether anybody has a file open for writing, by the kernel's own word: a read lease (fcntl(2), F_SETLEASE) is given only when nobody has. It is given back at once. Only the
/// owner of the file, and who has CAP_LEASE (root), may ask; network file systems mostly give no leases.
/// </summary>
internal static unsafe class FileLease
{
    private const int F_SETSIG = 10;
    private const int F_SETLEASE = 1024;
    private const int F_RDLCK = 0;
    private const int F_UNLCK = 2;

    /// <summary>Whoever opens the file in that moment has the kernel send a signal, SIGIO unless told otherwise, and that one ends a process. This one does nothing.</summary>
    private const int SIGURG = 23;

    /// <summary>Null when it cannot be told.</summary>
    public static bool? HasWriter(ReadOnlySpan<byte> path)
    {
        byte[] terminated = [.. path, 0];
        SafeFileHandle file;
        fixed (byte* name = terminated)
            file = new SafeFileHandle(PipeCalls.open(name, PipeCalls.O_NONBLOCK | PipeCalls.O_CLOEXEC | PipeCalls.O_NOFOLLOW), ownsHandle: true);
        using (file)
        {
            if (file.IsInvalid || PipeCalls.fcntl(file, F_SETSIG, SIGURG) != 0)
                return null;
            if (PipeCalls.fcntl(file, F_SETLEASE, F_RDLCK) != 0)
                return Marshal.GetLastPInvokeError() == Errno.EAGAIN ? true : null;
            // It ends with the descriptor as well.
            _ = PipeCalls.fcntl(file, F_SETLEASE, F_UNLCK);
            return false;
        }
    }
}
