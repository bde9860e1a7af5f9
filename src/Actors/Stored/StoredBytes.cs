using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>What stored bytes are made of beyond the primitives: lists, and what may be null.</summary>
internal static class StoredBytes
{
    public delegate T ItemReader<T>(ref ByteReader from);

    public static void List<T>(this ByteWriter to, IReadOnlyCollection<T> items, Action<ByteWriter, T> write)
    {
        to.Count((ulong)items.Count);
        foreach (var item in items)
            write(to, item);
    }

    public static IReadOnlyList<T> List<T>(this ref ByteReader from, ItemReader<T> read)
    {
        var items = new T[from.Length()];
        for (var i = 0; i < items.Length && from.IsGood; i++)
            items[i] = read(ref from);
        return items;
    }

    public static void TextOrNull(this ByteWriter to, string? text)
    {
        to.Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
            to.Text(text);
    }

    public static string? TextOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Text() : null;

    public static void TimeOrNull(this ByteWriter to, DateTimeOffset? time)
    {
        to.Byte(time is null ? (byte)0 : (byte)1);
        if (time is { } at)
            to.Time(at);
    }

    public static DateTimeOffset? TimeOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Time() : null;

    public static void NumberOrNull(this ByteWriter to, long? number)
    {
        to.Byte(number is null ? (byte)0 : (byte)1);
        if (number is { } n)
            to.Int64(n);
    }

    public static long? NumberOrNull(this ref ByteReader from) => from.Byte() != 0 ? from.Int64() : null;

    /// <summary>A value of an enumeration that fits into a byte.</summary>
    public static T Enum<T>(this ref ByteReader from) where T : struct, Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), from.Byte());
        return System.Enum.IsDefined(value) ? value : from.Fail(value);
    }
}
