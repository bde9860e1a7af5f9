using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace FtpActors.Protocol.Stored;

/// <summary>
/// Bytes that know whether they are whole: schema version, CRC-32C over version and content (any single flipped bit and any burst up to 32 bits is found), content.
/// A disk that changed a digit is so found when the row is read, not when a total is wrong.
/// </summary>
public static class SealedBytes
{
    /// <summary>Bytes before the content.</summary>
    public const int HeaderLength = 5;

    /// <summary>The sealed bytes of a thing.</summary>
    /// <param name="thing">The thing.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="version">Of the schema.</param>
    public static byte[] Of<T>(T thing, Action<ArrayBufferWriter<byte>, T> write, byte version)
    {
        ArgumentNullException.ThrowIfNull(write);
        var output = new ArrayBufferWriter<byte>(1024);
        output.GetSpan(HeaderLength);
        output.Advance(HeaderLength);
        write(output, thing);
        var row = output.WrittenSpan.ToArray();
        Seal(row, version);
        return row;
    }

    /// <summary>Fills in the header before content that stands behind <see cref="HeaderLength"/> free bytes.</summary>
    public static void Seal(Span<byte> row, byte version)
    {
        row[0] = version;
        BinaryPrimitives.WriteUInt32LittleEndian(row[1..], Checksum(version, row[HeaderLength..]));
    }

    /// <summary>The content, when it is whole.</summary>
    /// <param name="row">The stored bytes.</param>
    /// <param name="newest">The newest version that the caller reads.</param>
    /// <param name="version">Which version it is.</param>
    /// <param name="content">The content.</param>
    /// <param name="damage">What is wrong, for a person.</param>
    public static bool TryOpen(ReadOnlySpan<byte> row, byte newest, out byte version, out ReadOnlySpan<byte> content, [NotNullWhen(false)] out string? damage)
    {
        version = 0;
        content = [];
        damage = null;
        if (row.Length < HeaderLength)
        {
            damage = $"only {row.Length} bytes are there";
            return false;
        }
        version = row[0];
        content = row[HeaderLength..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(row[1..]) != Checksum(version, content))
            damage = "its checksum does not fit its bytes";
        else if (version == 0 || version > newest)
            damage = $"it was written by a newer program (version {version}, this one reads up to {newest})";
        return damage is null;
    }

    private static uint Checksum(byte version, ReadOnlySpan<byte> content)
    {
        var crc = BitOperations.Crc32C(~0u, version);
        var words = MemoryMarshal.Cast<byte, ulong>(content);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        foreach (var one in content[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
