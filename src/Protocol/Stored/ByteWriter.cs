using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FtpActors.Protocol.Stored;

/// <summary>Writes the primitives of stored bytes: little endian, variable-length counts (LEB128), UTF-8 with its length.</summary>
/// <param name="output">Where to.</param>
public readonly struct ByteWriter(IBufferWriter<byte> output)
{
    private const int LongestCount = 10;

    /// <summary>One byte.</summary>
    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    /// <summary>Four bytes.</summary>
    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output.GetSpan(4), value);
        output.Advance(4);
    }

    /// <summary>Eight bytes.</summary>
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>Eight bytes: any number, also one that is none.</summary>
    public void Double(double value) => Int64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>One to ten bytes, few for small numbers.</summary>
    public void Count(ulong value)
    {
        var span = output.GetSpan(LongestCount);
        var n = 0;
        for (; value >= 0x80; value >>= 7)
            span[n++] = (byte)(value | 0x80);
        span[n++] = (byte)value;
        output.Advance(n);
    }

    /// <summary>A time, to the microsecond.</summary>
    public void Time(DateTimeOffset value) => Int64((value.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A text.</summary>
    public void Text(string value)
    {
        // At most three bytes for each char: the length of a short one surely is one byte, and need not be known before.
        if (value.Length < 0x80 / 3)
        {
            var span = output.GetSpan(1 + (3 * value.Length));
            var written = Encoding.UTF8.GetBytes(value, span[1..]);
            span[0] = (byte)written;
            output.Advance(1 + written);
            return;
        }
        var length = Encoding.UTF8.GetByteCount(value);
        Count((ulong)length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    /// <summary>Bytes with their length.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count((ulong)value.Length);
        output.Write(value);
    }
}
