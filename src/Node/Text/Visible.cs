using System.Globalization;
using System.Text;

namespace FtpActors.Node.Text;

/// <summary>
/// Strangers' text for a terminal. Characters that a terminal acts on or that cannot be seen (control characters, escapes, changes of writing
/// direction) are written as <c>\xHH</c> for each of their UTF-8 bytes: the same form that <see cref="Protocol.ReversibleText"/> uses, so what
/// is shown can be pasted back.
/// </summary>
internal static class Visible
{
    /// <summary>The text on one line.</summary>
    public static string Of(string text) => text.All(c => c is >= ' ' and < '\x7F') ? text : Escape(text, keepLines: false);

    /// <summary>The same, but line feeds stay: for our own messages of several lines.</summary>
    public static string Lines(string text) => Escape(text, keepLines: true);

    /// <summary>Cells that the text takes in a terminal: two for wide East Asian characters and emoji, none for combining marks.</summary>
    public static int Width(string text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
            width += Width(rune);
        return width;
    }

    /// <summary>As much of the beginning of a text as fits into a number of cells.</summary>
    public static string Cut(string text, int cells)
    {
        if (Width(text) <= cells)
            return text;
        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            cells -= Width(rune);
            if (cells < 0)
                break;
            cut.Append(rune.ToString());
        }
        return cut.ToString();
    }

    private static string Escape(string text, bool keepLines)
    {
        var shown = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSeen(rune) || (keepLines && rune.Value == '\n'))
            {
                shown.Append(rune.ToString());
                continue;
            }
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
                shown.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
        }
        return shown.ToString();
    }

    private static int Width(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0
        : rune.Value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
            or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD ? 2
        : 1;

    private static bool IsSeen(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
