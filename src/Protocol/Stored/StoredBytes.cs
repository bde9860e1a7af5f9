namespace FtpActors.Protocol.Stored;

/// <summary>What stored bytes are made of beyond the primitives: lists, and what may be null.</summary>
public static class StoredBytes
{
    /// <summary>Reads one item of a list.</summary>
    public delegate T ItemReader<T>(ref ByteReader from);

    /// <summary>A list with its length.</summary>
    public static void List<T>(this ByteWriter to, IReadOnlyCollection<T> items, Action<ByteWriter, T> write)
    {
        to.Count((ulong)items.Count);
        foreach (var item in items)
            write(to, item);
    }

    /// <summary>A list.</summary>
    public static IReadOnlyList<T> List<T>(this ref ByteReader from, ItemReader<T> read)
    {
        var items = new T[from.Length()];
        for (var i = 0; i < items.Length && from.IsGood; i++)
            items[i] = read(ref from);
        return items;
    }

    /// <summary>A text that may be absent.</summary>
    public static void TextOrNull(this ByteWriter to, string? text)
    {
        to.Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
            to.Text(text);
    }

    /// <summary>A text that may be absent.</summary>
    public static string? TextOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Text() : null;

    /// <summary>A time that may be absent.</summary>
    public static void TimeOrNull(this ByteWriter to, DateTimeOffset? time)
    {
        to.Byte(time is null ? (byte)0 : (byte)1);
        if (time is { } at)
            to.Time(at);
    }

    /// <summary>A time that may be absent.</summary>
    public static DateTimeOffset? TimeOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Time() : null;

    /// <summary>A number that may be absent.</summary>
    public static void NumberOrNull(this ByteWriter to, long? number)
    {
        to.Byte(number is null ? (byte)0 : (byte)1);
        if (number is { } n)
            to.Int64(n);
    }

    /// <summary>A number that may be absent.</summary>
    public static long? NumberOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Int64() : null;

    /// <summary>A value of an enumeration that fits into a byte.</summary>
    public static T Enum<T>(this ref ByteReader from) where T : struct, Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), from.Byte());
        return System.Enum.IsDefined(value) ? value : from.Fail(value);
    }

    /// <summary>Yes or no.</summary>
    public static void Flag(this ByteWriter to, bool flag) => to.Byte(flag ? (byte)1 : (byte)0);

    /// <summary>Yes or no.</summary>
    public static bool Flag(this ref ByteReader from) => from.Byte() != 0;

    /// <summary>A time span.</summary>
    public static void Span(this ByteWriter to, TimeSpan span) => to.Int64(span.Ticks);

    /// <summary>A time span.</summary>
    public static TimeSpan Span(this ref ByteReader from) => TimeSpan.FromTicks(from.Int64());
}
