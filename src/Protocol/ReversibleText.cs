using System.Buffers;
using System.Text;

namespace FtpActors.Protocol;

/// <summary>
/// Strangers' bytes as text that every JSON reader and both databases can hold, and back, without loss.
/// <para>
/// Valid UTF-8 stays as it is, but a backslash is written <c>\\</c>; a byte that is not part of valid UTF-8, and NUL (which PostgreSQL's
/// text cannot hold), is written <c>\xHH</c> with two upper-case hexadecimal digits. So <c>ToBytes(FromBytes(b)) = b</c> for every b.
/// </para>
/// </summary>
public static class ReversibleText
{
    // What a plain copy cannot carry: the escape itself, NUL, and everything that might be ill-formed UTF-8.
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(
        [0, (byte)'\\', .. Enumerable.Range(0x80, 0x80).Select(i => (byte)i)]);

    /// <summary>The text form of any bytes.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOfAny(NotPlain) < 0 ? Encoding.ASCII.GetString(bytes) : Escape(bytes);

    /// <summary>The bytes of a text form. A text that <see cref="FromBytes"/> never makes (a stray backslash) gives its UTF-8 bytes there.</summary>
    public static byte[] ToBytes(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return Encoding.UTF8.GetBytes(text);

        var bytes = new List<byte>(text.Length + 16);
        for (var i = 0; i < text.Length;)
        {
            var next = text.IndexOf('\\', i);
            if (next < 0)
                next = text.Length;
            bytes.AddRange(Encoding.UTF8.GetBytes(text[i..next]));
            i = next;
            if (i == text.Length)
                break;

            if (i + 3 < text.Length && text[i + 1] == 'x' && char.IsAsciiHexDigit(text[i + 2]) && char.IsAsciiHexDigit(text[i + 3]))
            {
                bytes.Add((byte)((Hex(text[i + 2]) << 4) | Hex(text[i + 3])));
                i += 4;
            }
            else
            {
                bytes.Add((byte)'\\');
                i += i + 1 < text.Length && text[i + 1] == '\\' ? 2 : 1;
            }
        }
        return [.. bytes];
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 16);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) != OperationStatus.Done || rune.Value == 0)
            {
                for (var i = 0; i < used; i++)
                    text.Append("\\x").Append("0123456789ABCDEF"[bytes[i] >> 4]).Append("0123456789ABCDEF"[bytes[i] & 15]);
            }
            else if (rune.Value == '\\')
            {
                text.Append(@"\\");
            }
            else
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            bytes = bytes[used..];
        }
        return text.ToString();
    }

    private static int Hex(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
