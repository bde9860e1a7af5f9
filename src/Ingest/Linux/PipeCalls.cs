using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>fcntl.h and unistd.h for pipes. Flags are those of 64-bit Linux (asm-generic) except where they differ between x86-64 and arm64.</summary>
internal static unsafe partial class PipeCalls
{
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    /// <summary>arm64 exchanged this number with O_LARGEFILE's.</summary>
    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;
    public const int F_SETPIPE_SZ = 1031;
    public const int F_GETPIPE_SZ = 1032;
    public const uint SPLICE_F_NONBLOCK = 2;
    public const short POLLIN = 1;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mkfifo(byte* path, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint tee(SafeFileHandle from, SafeFileHandle to, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(SafeFileHandle file, byte* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(SafeFileHandle file, int command, int value);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollFd* files, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int File;
        public short Wanted;
        public short Got;
    }
}
