using System.Buffers.Binary;

namespace FtpActors.Protocol.Watching;

/// <summary>What an inotify record says happened (sys/inotify.h); the same numbers on all machines.</summary>
[Flags]
public enum InotifyMask : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Content was changed.</summary>
    Modify = 0x2,
    /// <summary>Mode, owner, times or the number of links were changed.</summary>
    Attrib = 0x4,
    /// <summary>A file that was open for writing was closed.</summary>
    CloseWrite = 0x8,
    /// <summary>A file that was open for reading was closed.</summary>
    CloseNoWrite = 0x10,
    /// <summary>Opened.</summary>
    Open = 0x20,
    /// <summary>Renamed away from here.</summary>
    MovedFrom = 0x40,
    /// <summary>Renamed to here.</summary>
    MovedTo = 0x80,
    /// <summary>Made here: by opening, as a folder, as a link.</summary>
    Create = 0x100,
    /// <summary>Removed from here.</summary>
    Delete = 0x200,
    /// <summary>The watched folder was removed.</summary>
    DeleteSelf = 0x400,
    /// <summary>The watched folder was renamed.</summary>
    MoveSelf = 0x800,
    /// <summary>The file system was unmounted.</summary>
    Unmount = 0x2000,
    /// <summary>Records were lost: the queue was full.</summary>
    QueueOverflow = 0x4000,
    /// <summary>The watch is gone.</summary>
    Ignored = 0x8000,
    /// <summary>It happened to a folder.</summary>
    IsFolder = 0x40000000,
}

/// <summary>One record of inotify(7).</summary>
/// <param name="Watch">Number of the watch; -1 of <see cref="InotifyMask.QueueOverflow"/>.</param>
/// <param name="Mask">What happened.</param>
/// <param name="Cookie">The same for the two halves of a rename, of which one may be missing; else 0.</param>
/// <param name="Name">Name in the watched folder, as <see cref="ReversibleText"/>; "" of the folder itself.</param>
public readonly record struct InotifyRecord(int Watch, InotifyMask Mask, uint Cookie, string Name)
{
    /// <summary>Bytes before the name: watch, mask, cookie and length, each of four bytes in the machine's order (little-endian on all .NET runs on here).</summary>
    public const int HeadBytes = 16;

    /// <summary>Reads the first record; false when it is not whole. The kernel hands out whole records only.</summary>
    /// <param name="bytes">What read(2) gave and was not yet read.</param>
    /// <param name="record">The record.</param>
    /// <param name="length">Bytes that it takes.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out InotifyRecord record, out int length)
    {
        (record, length) = (default, 0);
        if (bytes.Length < HeadBytes)
            return false;
        var nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        if (nameBytes > bytes.Length - HeadBytes)
            return false;
        length = HeadBytes + (int)nameBytes;
        var name = bytes[HeadBytes..length];
        var end = name.IndexOf((byte)0);
        record = new InotifyRecord(
            BinaryPrimitives.ReadInt32LittleEndian(bytes), (InotifyMask)BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            ReversibleText.FromBytes(end < 0 ? name : name[..end]));
        return true;
    }

    /// <summary>The bytes of a record as the kernel writes them: the name ends with NULs up to a multiple of 16 bytes.</summary>
    public byte[] Encode()
    {
        var name = ReversibleText.ToBytes(Name);
        var padded = name.Length == 0 ? 0 : (name.Length + 16) / 16 * 16;
        var bytes = new byte[HeadBytes + padded];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Watch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)Mask);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Cookie);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)padded);
        name.CopyTo(bytes.AsSpan(HeadBytes));
        return bytes;
    }
}
