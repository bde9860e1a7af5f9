using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>host - account [21/Nov/2026:00:25:22 -0000] "PUT /path%20encoded" 200 5</c> (altlog.c, altlog_writexfer_clf). The path has percent signs for
/// everything but letters, digits and <c>. / _ -</c>; host and account stand as they are.
/// </summary>
public static class AltlogClf
{
    private const int DateLength = 26; // 21/Nov/2026:00:25:22 -0000

    /// <summary>The line of a transfer, with its line feed, as the server writes it in UTC.</summary>
    public static byte[] Encode(AltlogLine line)
    {
        var output = new List<byte>();
        output.AddRange(ReversibleText.ToBytes(line.Host.Length > 0 ? line.Host : "-"));
        output.AddRange(" - "u8);
        output.AddRange(ReversibleText.ToBytes(line.Account.Length > 0 ? line.Account : "-"));
        output.AddRange(Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $" [{line.EndedAt.UtcDateTime:dd/MMM/yyyy:HH:mm:ss} -0000] \"{(line.IsUpload ? "PUT" : "GET")} ")));
        foreach (var b in ReversibleText.ToBytes(line.Path))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'/' or (byte)'_' or (byte)'-')
                output.Add(b);
            else
                output.AddRange(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"%{b:X2}")));
        }
        output.AddRange(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\" 200 {line.Bytes}\n")));
        return [.. output];
    }

    internal static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out AltlogLine? read)
    {
        read = null;
        // From the end: an account may hold anything that looks like a part of the line, the encoded path may not.
        var status = line.LastIndexOf("\" 200 "u8);
        if (status < 0 || !TryWhole(line[(status + 6)..], out var bytes))
            return false;
        var before = line[..status];
        var verb = before.LastIndexOf("] \""u8);
        if (verb < DateLength + 2 || !TryVerb(before[(verb + 3)..], out var isUpload))
            return false;
        var names = before[..(verb - DateLength)];
        if (!names.EndsWith(" ["u8) || !TryTime(before.Slice(verb - DateLength, DateLength), out var endedAt))
            return false;
        names = names[..^2];
        var split = names.IndexOf(" - "u8);
        if (split < 0)
            return false;
        read = new AltlogLine
        {
            EndedAt = endedAt, IsUpload = isUpload, Bytes = bytes,
            Host = AltlogStats.Name(names[..split]), Account = AltlogStats.Name(names[(split + 3)..]), Path = Decoded(before[(verb + 7)..]),
        };
        return true;
    }

    private static bool TryVerb(ReadOnlySpan<byte> text, out bool isUpload)
    {
        isUpload = text.StartsWith("PUT "u8);
        return isUpload || text.StartsWith("GET "u8);
    }

    /// <summary>The server's offset has the sign of POSIX's TZ, the opposite of ISO 8601 and Apache: two hours east of Greenwich is <c>-0200</c>.</summary>
    private static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        var sign = text[21];
        if (sign is not ((byte)'+' or (byte)'-') || !TryWhole(text[22..], out var offset) || offset % 100 > 59 || offset > 1400
            || !DateTime.TryParseExact(
                Encoding.Latin1.GetString(text[..20]), "dd/MMM/yyyy:HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return false;
        var west = TimeSpan.FromMinutes(offset / 100 * 60 + offset % 100) * (sign == (byte)'+' ? 1 : -1);
        var ticks = local.Ticks + west.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
            return false;
        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TryWhole(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && value >= 0 && char.IsAsciiDigit((char)text[0]);

    // A percent sign without two digits is not the server's; it stays, so that nothing is lost.
    private static string Decoded(ReadOnlySpan<byte> encoded)
    {
        var bytes = new byte[encoded.Length];
        var n = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == (byte)'%' && i + 2 < encoded.Length && Utf8Parser.TryParse(encoded.Slice(i + 1, 2), out byte b, out var used, 'x') && used == 2)
            {
                bytes[n++] = b;
                i += 2;
            }
            else
            {
                bytes[n++] = encoded[i];
            }
        }
        return ReversibleText.FromBytes(bytes.AsSpan(0, n));
    }
}
