using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.NcFtpd;

/// <summary>
/// <see cref="NcFtpdMessage"/> to bytes, for the simulator and the tests. Writes the one form that has been seen in a program (a user's
/// re-implementation; the vendor does not say): the length padded with spaces on the left, every token ended by a line feed, the last one too,
/// and counted.
/// </summary>
public static class NcFtpdEncoder
{
    private const int HeaderLength = 8;
    private const int LongestBody = 999;

    /// <summary>
    /// Encodes a message by the fields of its type, then <see cref="NcFtpdMessage.Extra"/>. A null text becomes a blank token, a null number -1.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The format cannot carry it: a line feed inside a token, more than 999 bytes, no type, a number that is negative or not finite.
    /// </exception>
    public static byte[] Encode(NcFtpdMessage message)
    {
        Span<byte> buffer = stackalloc byte[HeaderLength + LongestBody];
        var body = new TokenWriter(buffer[HeaderLength..]);
        Write(ref body, message);

        "STR\n   \n"u8.CopyTo(buffer);
        var length = body.Length;
        for (var place = 6; place >= 4 && (length > 0 || place == 6); place--, length /= 10)
            buffer[place] = (byte)('0' + length % 10);
        return buffer[..(HeaderLength + body.Length)].ToArray();
    }

    private static void Write(ref TokenWriter body, NcFtpdMessage m)
    {
        if (m.Type.Length == 0)
            throw new ArgumentException("A message has a type.", nameof(m));
        body.Text(m.Type);
        body.Text(m.User);
        body.Text(m.Field3);
        body.Text(m.Email);
        body.Text(m.Host1);
        body.Text(m.Host2);
        switch (NcFtpdWords.Kind(m.Type))
        {
            case EventKind.Upload or EventKind.Download:
                body.Text(m.Path);
                body.Whole(m.Bytes);
                body.Fraction(m.Seconds);
                body.Fraction(m.Rate);
                body.Text(m.Suffix);
                body.Text(m.Status);
                body.Text(m.TransferType);
                body.Text(m.Notes);
                body.Whole(m.StartedAt?.ToUnixTimeSeconds());
                break;
            case EventKind.List:
                body.Text(m.Path);
                body.Text(m.Status);
                body.Text(m.Pattern);
                body.Text(m.Recursion);
                break;
            case EventKind.Delete or EventKind.Mkdir or EventKind.Rmdir:
                body.Text(m.Path);
                break;
            case EventKind.Rename or EventKind.Symlink:
                body.Text(m.Path);
                body.Text(m.Middle ?? "to");
                body.Text(m.PathTo);
                break;
            case EventKind.Chmod:
                body.Text(m.Path);
                body.Text(m.Mode);
                break;
        }
        foreach (var token in m.Extra)
            body.Text(token);
    }

    private ref struct TokenWriter(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;

        public int Length { get; private set; }

        public void Text(string? text)
        {
            var rest = _buffer[Length..];
            if (text is null)
            {
                End(0);
            }
            else if (text.Contains('\\', StringComparison.Ordinal))
            {
                var bytes = ReversibleText.ToBytes(text);
                if (!bytes.AsSpan().TryCopyTo(rest))
                    throw TooLong();
                End(bytes.Length);
            }
            else
            {
                if (!Encoding.UTF8.TryGetBytes(text, rest, out var written))
                    throw TooLong();
                End(written);
            }
        }

        public void Whole(long? number)
        {
            if (number < 0)
                throw new ArgumentException($"The number {number} is negative, which the format does not have (-1 stands for unknown).");
            if (!Utf8Formatter.TryFormat(number ?? -1, _buffer[Length..], out var written))
                throw TooLong();
            End(written);
        }

        public void Fraction(double? number)
        {
            if (number is { } n && !(n >= 0 && double.IsFinite(n)))
                throw new ArgumentException($"The number {n.ToString(CultureInfo.InvariantCulture)} is negative or not finite.");
            if (number is null)
            {
                Whole(null);
                return;
            }
            // Three places, as the server writes them, unless that would change the value.
            var format = Math.Round(number.Value, 3).Equals(number.Value) && number < 1e9 ? "F3" : "R";
            if (!number.Value.TryFormat(_buffer[Length..], out var written, format, CultureInfo.InvariantCulture))
                throw TooLong();
            End(written);
        }

        private void End(int written)
        {
            if (_buffer.Slice(Length, written).Contains((byte)'\n'))
                throw new ArgumentException("A token has a line feed in it, which the format cannot carry.");
            Length += written;
            if (Length == _buffer.Length)
                throw TooLong();
            _buffer[Length++] = (byte)'\n';
        }

        private static ArgumentException TooLong() => new($"The message is longer than {LongestBody} bytes, the most that three digits can declare.");
    }
}
