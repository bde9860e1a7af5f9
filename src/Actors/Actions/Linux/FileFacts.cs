using System.Runtime.InteropServices;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>What lstat says of a path given as bytes.</summary>
/// <param name="IsRegular">A plain file, no folder, link or device.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Permissions">Permission bits with set-id and sticky bits (07777).</param>
/// <param name="UserId">Owner.</param>
/// <param name="GroupId">Group.</param>
/// <param name="ChangedAt">Nanoseconds since 1970 of the last change of its content or status, which no client can set.</param>
internal sealed unsafe partial record FileFacts(bool IsRegular, long Size, int Permissions, uint UserId, uint GroupId, long ChangedAt)
{
    private const int AtCurrentFolder = -100, NoFollow = 0x100, BasicStats = 0x7ff;

    /// <summary>Null when there is no such path or it may not be looked at.</summary>
    public static FileFacts? Of(byte[] path)
    {
        // struct statx of linux/stat.h is the same on every architecture: uid at 20, gid at 24, mode (16 bit) at 28, size at 40,
        // ctime at 96 (seconds) and 104 (nanoseconds, 32 bit).
        var stat = stackalloc byte[256];
        fixed (byte* terminated = (byte[])[.. path, 0])
        {
            if (statx(AtCurrentFolder, terminated, NoFollow, BasicStats, stat) != 0)
                return null;
        }
        var mode = *(ushort*)(stat + 28);
        return new FileFacts((mode & 0xF000) == 0x8000, *(long*)(stat + 40), mode & 0xFFF, *(uint*)(stat + 20), *(uint*)(stat + 24), *(long*)(stat + 96) * 1_000_000_000 + *(uint*)(stat + 104));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* stat);
}
