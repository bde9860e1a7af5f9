using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>What statx(2) says of a file; its layout is the same on all machines. Linux 4.11.</summary>
/// <param name="Type">The type bits of the mode (<c>S_IFMT</c>).</param>
/// <param name="Permissions">Permission bits, with set-uid, set-gid and sticky.</param>
/// <param name="Uid">Owner.</param>
/// <param name="Gid">Group.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Last change of the content.</param>
/// <param name="Device">The file system, major and minor number.</param>
/// <param name="Inode">The file on it.</param>
/// <param name="BornAt">When it was made, nanoseconds since 1970; tells a new file with a used inode number. 0 where the file system does not say.</param>
internal sealed unsafe partial record FileStatus(
    int Type, int Permissions, uint Uid, uint Gid, long Size, DateTimeOffset ModifiedAt, ulong Device, ulong Inode, long BornAt)
{
    public const int Fifo = 0x1000;
    public const int Folder = 0x4000;
    public const int Regular = 0x8000;
    public const int Socket = 0xC000;

    /// <summary>Names that it has.</summary>
    public uint Links { get; private init; }

    /// <summary>Last change of the content, nanoseconds since 1970.</summary>
    public long ModifiedNs { get; private init; }

    /// <summary>Last change of content, mode, owner, name or links, nanoseconds since 1970.</summary>
    public long ChangedNs { get; private init; }

    private const int AT_FDCWD = -100;
    private const int AT_SYMLINK_NOFOLLOW = 0x100;
    private const uint STATX_BASIC_STATS = 0x7FF;
    private const uint STATX_BTIME = 0x800;

    /// <summary>Of the file itself, also when it is a link. Null with the errno when there is none to be had.</summary>
    public static FileStatus? TryRead(ReadOnlySpan<byte> path, out int errno)
    {
        errno = 0;
        Span<byte> b = stackalloc byte[256];
        // The path comes from outside: only here is it given its final NUL.
        byte[] terminated = [.. path, 0];
        fixed (byte* name = terminated)
        fixed (byte* buffer = b)
        {
            if (statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, buffer) != 0)
            {
                errno = Marshal.GetLastPInvokeError();
                return null;
            }
        }
        var mode = MemoryMarshal.Read<ushort>(b[28..]);
        var seconds = Math.Clamp(MemoryMarshal.Read<long>(b[112..]), 0, 253_402_300_799);
        return new FileStatus(
            mode & 0xF000, mode & 0xFFF, MemoryMarshal.Read<uint>(b[20..]), MemoryMarshal.Read<uint>(b[24..]), MemoryMarshal.Read<long>(b[40..]),
            DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(MemoryMarshal.Read<uint>(b[120..]) / 100),
            ((ulong)MemoryMarshal.Read<uint>(b[136..]) << 32) | MemoryMarshal.Read<uint>(b[140..]), MemoryMarshal.Read<ulong>(b[32..]),
            Nanoseconds(b[80..]))
        {
            Links = MemoryMarshal.Read<uint>(b[16..]), ModifiedNs = Nanoseconds(b[112..]), ChangedNs = Nanoseconds(b[96..]),
        };
    }

    private static long Nanoseconds(ReadOnlySpan<byte> timestamp) => MemoryMarshal.Read<long>(timestamp) * 1_000_000_000 + MemoryMarshal.Read<uint>(timestamp[8..]);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* result);
}
