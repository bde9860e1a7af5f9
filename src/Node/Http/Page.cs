using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FtpActors.Actors.History.Tables;

namespace FtpActors.Node.Http;

/// <summary>The part of a list that is wanted.</summary>
/// <param name="Limit">Most items of an answer.</param>
/// <param name="After">The place after which it begins, in the list's own words; null for the beginning.</param>
/// <param name="Left">How many of the last N that were asked for are still to come; null for all.</param>
internal sealed record Page(int Limit, string? After, int? Left)
{
    /// <summary>Items of an answer when nothing else is asked for.</summary>
    public const int Usual = 1000;

    /// <summary>Most items of an answer.</summary>
    public const int Largest = 10_000;

    /// <summary>Most items of this answer.</summary>
    public int Most => Left is { } left && left < Limit && After is not null ? left : Limit;

    /// <summary>A cursor for what follows a place; null when nothing more is wanted.</summary>
    public string? CursorAfter(string place) => Left - Most <= 0 ? null
        : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Left - Most}|{place}")));

    /// <exception cref="BadQueryException">The cursor is none.</exception>
    public static Page Read(string? cursor, int? limit, int? last)
    {
        if (limit > Largest)
            throw new BadQueryException($"'limit={limit}' must be from 1 to {Largest}; what does not fit into an answer comes by its cursor.");
        if (cursor is null)
            return new Page(limit ?? Usual, null, last);
        if (Base64Url.IsValid(cursor) && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('|', 2) is [var left, var place]
            && (left.Length == 0 || int.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            return new Page(limit ?? Usual, place, left.Length == 0 ? null : int.Parse(left, CultureInfo.InvariantCulture));
        }
        throw BadCursor();
    }

    /// <summary>The parts of the place.</summary>
    /// <exception cref="BadQueryException">It is none of this list.</exception>
    public T? Place<T>(int parts, Func<string[], T?> read) where T : struct =>
        After is null ? null : After.Split(',', parts) is { } split && split.Length == parts && read(split) is { } place ? place : throw BadCursor();

    /// <summary>A time as a part of a place: microseconds, as it is stored.</summary>
    public static string Text(DateTimeOffset time) => Times.ToMicroseconds(time).ToString(CultureInfo.InvariantCulture);

    /// <summary>The time of such a part; null when it is none.</summary>
    public static DateTimeOffset? Time(string part) =>
        long.TryParse(part, CultureInfo.InvariantCulture, out var n) && n is >= 0 and < 253_402_300_800_000_000 ? Times.FromMicroseconds(n) : null;

    private static BadQueryException BadCursor() => new("'cursor' is none of this list: it must be 'next' of an answer, with the same filters.");
}
