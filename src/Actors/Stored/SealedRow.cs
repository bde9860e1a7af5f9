using System.Buffers;
using FtpActors.Actors.Handlers;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>Sealed bytes of one thing.</summary>
internal static class SealedRow
{
    private const byte Version = 1;

    public delegate T? Reader<T>(ref ByteReader from) where T : class;

    public static byte[] Write<T>(T thing, Action<ArrayBufferWriter<byte>, T> write) => SealedBytes.Of(thing, write, Version);

    /// <returns>The thing, or why it is none.</returns>
    public static object Read<T>(byte[] row, string manifest, Reader<T> read) where T : class
    {
        if (!SealedBytes.TryOpen(row, Version, out _, out var content, out var damage))
            return new DamagedRow(manifest, damage, row);
        var from = new ByteReader(content);
        var thing = read(ref from);
        return thing is not null && from.IsGood && from.IsAtEnd ? thing : new DamagedRow(manifest, "its checksum fits, but its content is none of this kind", row);
    }
}
