using System.Globalization;
using System.Text;

namespace FtpActors.Actors.Hocon;

/// <summary>The escapes of JSON within a quoted text.</summary>
internal static class HoconEscapes
{
    /// <exception cref="HoconException">An escape is none, or a character is only half there.</exception>
    public static string Decode(string inner, Place opened)
    {
        var text = new StringBuilder(inner.Length);
        for (var i = 0; i < inner.Length; i++)
        {
            if (inner[i] != '\\')
            {
                text.Append(inner[i]);
                continue;
            }
            var escape = ++i < inner.Length ? inner[i] : ' ';
            if (escape == 'u')
            {
                var digits = inner.AsSpan(i + 1, Math.Min(4, inner.Length - i - 1));
                if (digits.Length < 4 || !ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                    throw new HoconException(After(opened, i), "\\u needs four hexadecimal digits, such as \\u00e9");
                text.Append((char)unit);
                i += 4;
                continue;
            }
            text.Append(escape switch
            {
                '"' or '\\' or '/' => escape,
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => throw new HoconException(After(opened, i), $"\\{escape} is no escape; a backslash itself is written \\\\"),
            });
        }
        var decoded = text.ToString();
        CheckCharacters(decoded, opened);
        return decoded;
    }

    /// <exception cref="HoconException">Half of a character, which no text in UTF-8 can have.</exception>
    public static void CheckCharacters(string text, Place opened)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new HoconException(opened, $"this text has \\u{(int)text[i]:x4} alone, which is half of a character; write both halves");
            i++;
        }
    }

    private static Place After(Place opened, int index) => opened with { Column = opened.Column + index + 1 };
}
