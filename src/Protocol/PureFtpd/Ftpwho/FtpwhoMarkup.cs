using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>Strangers' names inside XML and HTML, in an element or between double quotes.</summary>
internal static class FtpwhoMarkup
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// A name that is UTF-8 as itself, any other in its reversible form. <c>?</c> stands for control characters, as in the original, and for what XML 1.0 has no
    /// place for.
    /// </summary>
    public static string Of(string name)
    {
        var escaped = new StringBuilder(name.Length + 16);
        foreach (var rune in Plain(name).EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                0xFFFE or 0xFFFF => escaped.Append('?'),
                _ => escaped.Append(Rune.IsControl(rune) ? "?" : rune.ToString()),
            };
        }
        return escaped.ToString();
    }

    private static string Plain(string name)
    {
        if (!name.Contains('\\', StringComparison.Ordinal))
            return name;
        try
        {
            return Strict.GetString(ReversibleText.ToBytes(name));
        }
        catch (DecoderFallbackException)
        {
            return name;
        }
    }
}
