using System.Buffers.Binary;

namespace FtpActors.Ingest.Watching;

/// <summary>The bookmark of a source beside a watch: the number of its batch before what the source itself stores. Bytes: mark, number (little-endian), the source's own.</summary>
/// <param name="Batch">The last batch that is stored, from 1; 0 before the first.</param>
/// <param name="Own">The source's own bookmark, null when it has none.</param>
internal readonly record struct FusedState(long Batch, byte[]? Own)
{
    /// <summary>No source begins its bookmark so: theirs begin with small version numbers.</summary>
    private const byte Mark = 0xF5;
    private const int HeadBytes = 9;

    public byte[] Encode()
    {
        var bytes = new byte[HeadBytes + (Own?.Length ?? 0)];
        bytes[0] = Mark;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Batch);
        Own?.CopyTo(bytes, HeadBytes);
        return bytes;
    }

    /// <summary>Also of a bookmark that the source stored before it was beside a watch.</summary>
    public static FusedState Decode(byte[]? bytes) => bytes is [Mark, ..] && bytes.Length >= HeadBytes
        ? new FusedState(BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(1)), bytes.Length > HeadBytes ? bytes[HeadBytes..] : null)
        : new FusedState(0, bytes);
}
