namespace FtpActors.Protocol.OpenSsh;

/// <summary>The bytes of OpenSSH's log: what is no printable ASCII is written as three octal digits behind a backslash, and a backslash doubled (log.c, strnvis).</summary>
internal static class VisText
{
    /// <summary>The bytes as <see cref="ReversibleText"/>.</summary>
    public static string Decode(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'\\') < 0)
            return ReversibleText.FromBytes(text);
        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\' && i + 3 < text.Length && IsOctal(text[i + 1], 3) && IsOctal(text[i + 2], 7) && IsOctal(text[i + 3], 7))
            {
                bytes[length++] = (byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0'));
                i += 3;
                continue;
            }
            if (text[i] == (byte)'\\' && i + 1 < text.Length && text[i + 1] == (byte)'\\')
                i++;
            bytes[length++] = text[i];
        }
        return ReversibleText.FromBytes(bytes.AsSpan(0, length));
    }

    private static bool IsOctal(byte b, int most) => b >= '0' && b <= '0' + most;
}
