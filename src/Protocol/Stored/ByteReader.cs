using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace FtpActors.Protocol.Stored;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, from bytes that may be damaged: the first thing that cannot be makes <see cref="IsGood"/> false, and from then on
/// everything reads as zero or empty. So a reader is a list of reads with one question at its end.
/// </summary>
/// <param name="bytes">What is read.</param>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Nothing was wrong so far.</summary>
    public bool IsGood { get; private set; } = true;

    /// <summary>Everything was read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1) is { IsEmpty: false } one ? one[0] : (byte)0;

    /// <summary>Four bytes.</summary>
    public uint UInt32() => Take(4) is { IsEmpty: false } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

    /// <summary>Eight bytes.</summary>
    public long Int64() => Take(8) is { IsEmpty: false } eight ? BinaryPrimitives.ReadInt64LittleEndian(eight) : 0;

    /// <summary>Eight bytes.</summary>
    public double Double() => BitConverter.Int64BitsToDouble(Int64());

    /// <summary>A number of variable length.</summary>
    public ulong Count()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            // The tenth byte has room for one bit.
            if (b < 0x80 && (shift < 63 || b <= 1))
                return value;
        }
        return Fail(0UL);
    }

    /// <summary>How many things follow, each of at least one byte: a damaged number cannot ask for more than there is.</summary>
    public int Length() => Count() is var n && n <= (ulong)_rest.Length ? (int)n : Fail(0);

    /// <summary>A time.</summary>
    public DateTimeOffset Time()
    {
        var microseconds = Int64();
        return microseconds is >= -62_135_596_800_000_000 and < 253_402_300_800_000_000
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : Fail(DateTimeOffset.UnixEpoch);
    }

    /// <summary>A text.</summary>
    public string Text()
    {
        var text = Bytes();
        return Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : Fail("");
    }

    /// <summary>Bytes with their length.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Length());

    /// <summary>Something was read that cannot be.</summary>
    public T Fail<T>(T value)
    {
        IsGood = false;
        _rest = [];
        return value;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            Fail(length);
            return [];
        }
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
