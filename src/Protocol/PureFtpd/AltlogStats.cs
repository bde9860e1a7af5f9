using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>epoch start.pid account host U|D bytes seconds path</c> with start and pid in hexadecimal (altlog.c, altlog_writexfer_stats). Account and path
/// stand as they are, so an account with spaces makes the line ambiguous; it is read so that the account is the shortest that fits.
/// </summary>
public static class AltlogStats
{
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>The line of a transfer, with its line feed, as the server writes it.</summary>
    public static byte[] Encode(AltlogLine line) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{line.EndedAt.ToUnixTimeSeconds()} {line.Session} ")),
        .. ReversibleText.ToBytes(line.Account.Length > 0 ? line.Account : "-"), (byte)' ',
        .. ReversibleText.ToBytes(line.Host.Length > 0 ? line.Host : "-"),
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" {(line.IsUpload ? 'U' : 'D')} {line.Bytes} {line.Seconds ?? 0} ")),
        .. ReversibleText.ToBytes(line.Path), (byte)'\n',
    ];

    internal static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out AltlogLine? read)
    {
        read = null;
        if (!TryWhole(ref line, out var epoch) || epoch > 253_402_300_799 || !TryToken(ref line, out var session) || !IsSession(session))
            return false;
        // The first place from which on "host U|D bytes seconds path" follows ends the account.
        for (var at = 0; line[at..].IndexOf((byte)' ') is >= 0 and var step; at += step + 1)
        {
            var account = line[..(at + step)];
            var rest = line[(at + step + 1)..];
            if (TryToken(ref rest, out var host) && TryToken(ref rest, out var way) && way.Length == 1 && way[0] is (byte)'U' or (byte)'D'
                && TryWhole(ref rest, out var bytes) && TryWhole(ref rest, out var seconds) && !rest.IsEmpty)
            {
                read = new AltlogLine
                {
                    EndedAt = DateTimeOffset.FromUnixTimeSeconds(epoch), IsUpload = way[0] == (byte)'U', Account = Name(account), Host = Name(host),
                    Bytes = bytes, Seconds = seconds, Session = Encoding.ASCII.GetString(session), Path = ReversibleText.FromBytes(rest),
                };
                return true;
            }
        }
        return false;
    }

    internal static string Name(ReadOnlySpan<byte> name) => name is [(byte)'-'] ? "" : ReversibleText.FromBytes(name);

    private static bool IsSession(ReadOnlySpan<byte> token)
    {
        var dot = token.IndexOf((byte)'.');
        return dot > 0 && dot < token.Length - 1 && token.Length <= 33
            && !token[..dot].ContainsAnyExcept(HexDigits) && !token[(dot + 1)..].ContainsAnyExcept(HexDigits);
    }

    private static bool TryToken(ref ReadOnlySpan<byte> line, out ReadOnlySpan<byte> token)
    {
        var end = line.IndexOf((byte)' ');
        token = end < 0 ? default : line[..end];
        line = end < 0 ? line : line[(end + 1)..];
        return end > 0;
    }

    private static bool TryWhole(ref ReadOnlySpan<byte> line, out long value)
    {
        value = 0;
        return TryToken(ref line, out var token) && char.IsAsciiDigit((char)token[0]) && Utf8Parser.TryParse(token, out value, out var used) && used == token.Length;
    }
}
