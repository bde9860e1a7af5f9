using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>sys/inotify.h. Numbers are those of 64-bit Linux (asm-generic), the same on x86-64 and arm64.</summary>
internal static unsafe partial class InotifyCalls
{
    public const int IN_NONBLOCK = 0x800;
    public const int IN_CLOEXEC = 0x80000;
    public const uint IN_ATTRIB = 0x4;
    public const uint IN_CLOSE_WRITE = 0x8;
    public const uint IN_OPEN = 0x20;
    public const uint IN_MOVED_FROM = 0x40;
    public const uint IN_MOVED_TO = 0x80;
    public const uint IN_CREATE = 0x100;
    public const uint IN_DELETE = 0x200;
    public const uint IN_DELETE_SELF = 0x400;
    public const uint IN_MOVE_SELF = 0x800;
    public const uint IN_ONLYDIR = 0x1000000;
    public const uint IN_DONT_FOLLOW = 0x2000000;
    /// <summary>Nothing is told of a file that has lost its name and is still open.</summary>
    public const uint IN_EXCL_UNLINK = 0x4000000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_add_watch(SafeFileHandle inotify, byte* path, uint mask);

    /// <summary>inotify_add_watch; the path ends with a NUL.</summary>
    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true)]
    public static partial int Watch(SafeFileHandle inotify, ReadOnlySpan<byte> path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int inotify_rm_watch(SafeFileHandle inotify, int watch);
}
