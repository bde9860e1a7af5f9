using System.Diagnostics.CodeAnalysis;

namespace FtpActors.Protocol.NcFtpd;

/// <summary>
/// Bytes to <see cref="NcFtpdMessage"/>. Refuses only what has no frame; any doubt about the content is a flag and loses nothing.
/// <para>
/// The frame is documented by the vendor: <c>STR</c> and a line feed, the length of the variable part in three places, a line feed, then tokens
/// ended by line feeds. Not documented: how lengths below 100 are padded (spaces and zeros are both read), whether the last token has
/// a line feed and whether the length counts it. The vendor's own example declares 101 and shows 113 or 114 bytes, so the length is checked but
/// never obeyed: what came is the truth.
/// </para>
/// </summary>
public static class NcFtpdDecoder
{
    /// <summary>
    /// The latest start of a transfer that is taken for a time (about the year 9968): start and duration (below 1e9 seconds) must add up to
    /// a time that <see cref="DateTimeOffset"/> can hold.
    /// </summary>
    public static readonly DateTimeOffset LatestStart = DateTimeOffset.FromUnixTimeSeconds(LatestStartSeconds);

    private const long LatestStartSeconds = 253_402_300_799 - 1_000_000_000;
    private const int HeaderLength = 8;
    private const byte LineFeed = (byte)'\n';

    /// <summary>Decodes one message. Never throws, whatever the bytes.</summary>
    /// <param name="bytes">The datagram, or the text of the queue's message; one final NUL is allowed.</param>
    /// <param name="message">The message.</param>
    /// <param name="reason">Why there is no message, for a person.</param>
    /// <returns>False when the frame is wrong: shorter than a header, no <c>STR</c>, no length, no line feed after it, no type.</returns>
    public static bool TryDecode(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out NcFtpdMessage? message, [NotNullWhen(false)] out string? reason)
    {
        message = null;
        reason = FrameProblem(bytes, out var declared);
        if (reason is not null)
            return false;

        // The length of a datagram is known; only C programs send the NUL that ends their string with it.
        var body = bytes[HeaderLength..];
        var hadNul = !body.IsEmpty && body[^1] == 0;
        if (hadNul)
            body = body[..^1];
        var hasFinalLineFeed = !body.IsEmpty && body[^1] == LineFeed;

        var tokens = hasFinalLineFeed ? body[..^1] : body;
        if (tokens.IsEmpty || tokens[0] == LineFeed)
        {
            reason = "The message has no event type: nothing stands between the header and the first line feed.";
            return false;
        }

        var doubts = LengthDoubts(declared, body.Length, hasFinalLineFeed, hadNul);
        if (body.Contains((byte)0))
            doubts |= EventFlags.EmbeddedNul;

        var fields = new FieldReader(tokens, lastIsCut: doubts.HasFlag(EventFlags.Truncated) && !hasFinalLineFeed);
        fields.Doubt(doubts);
        message = Read(ref fields, declared, tokens);
        return true;
    }

    private static NcFtpdMessage Read(ref FieldReader fields, int declared, ReadOnlySpan<byte> tokens)
    {
        var type = fields.Text()!;
        var user = fields.Text();
        var field3 = fields.Text();
        var email = fields.Text();
        var host1 = fields.Text();
        var host2 = fields.Text();

        string? path = null, middle = null, pathTo = null, suffix = null, status = null, transferType = null, notes = null;
        string? pattern = null, recursion = null, mode = null;
        long? bytes = null, startedAt = null;
        double? seconds = null, rate = null;
        var reserved = 0;

        var kind = NcFtpdWords.Kind(type);
        switch (kind)
        {
            case EventKind.Upload or EventKind.Download:
                path = fields.Text();
                bytes = fields.Whole(long.MaxValue);
                seconds = fields.Fraction(1e9);
                rate = fields.Fraction(double.MaxValue);
                suffix = fields.Text();
                status = fields.Text();
                transferType = fields.Text();
                notes = fields.Text();
                startedAt = fields.Whole(LatestStartSeconds);
                break;
            case EventKind.List:
                path = fields.Text();
                status = fields.Text();
                pattern = fields.Text();
                recursion = fields.Text();
                break;
            case EventKind.Delete or EventKind.Mkdir or EventKind.Rmdir:
                path = fields.Text();
                reserved = 3;
                break;
            case EventKind.Rename or EventKind.Symlink:
                path = fields.Text();
                middle = fields.Text();
                pathTo = fields.Text();
                reserved = 1;
                break;
            case EventKind.Chmod:
                path = fields.Text();
                mode = fields.Text();
                reserved = 2;
                break;
            case EventKind.Other:
                fields.Doubt(EventFlags.UnknownType);
                break;
            // A login has no more fields (documented). Those of a logout are unknown, so all of them are extra ones.
            case EventKind.Login or EventKind.LoginFailed or EventKind.Logout:
                break;
        }

        if (middle is not null && pathTo is null)
        {
            // Two tokens only: the sender leaves out what stands between the paths.
            pathTo = middle;
            middle = null;
            fields.Doubt(EventFlags.Ambiguous);
        }
        if (status is { Length: > 0 } && NcFtpdWords.Status(status) == EventStatus.Unknown)
            fields.Doubt(EventFlags.UnknownStatus);

        var extra = fields.Rest();
        if (kind != EventKind.Other && !AreReserved(extra, reserved))
            fields.Doubt(EventFlags.ExtraFields);
        if (kind is EventKind.Upload or EventKind.Download && extra.Count > 0
            && NcFtpdWords.Status(status) == EventStatus.Unknown && LooksShifted(tokens, extra.Count))
            fields.Doubt(EventFlags.Ambiguous);

        return new NcFtpdMessage
        {
            Type = type, User = user ?? "", Field3 = field3 ?? "", Email = email ?? "", Host1 = host1 ?? "", Host2 = host2 ?? "",
            Path = path, Middle = middle, PathTo = pathTo, Bytes = bytes, Seconds = seconds, Rate = rate, Suffix = suffix,
            Status = status, TransferType = transferType, Notes = notes,
            StartedAt = startedAt is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : null,
            Pattern = pattern, Recursion = recursion, Mode = mode,
            BadNumbers = fields.BadNumbers, Extra = extra, DeclaredLength = declared, Flags = fields.Flags,
        };
    }

    private static string? FrameProblem(ReadOnlySpan<byte> bytes, out int declared)
    {
        declared = 0;
        if (bytes.Length < HeaderLength)
            return $"The message has {bytes.Length} bytes; the header alone has {HeaderLength}.";
        if (!bytes.StartsWith("STR\n"u8))
            return "The message does not begin with \"STR\" and a line feed.";
        if (bytes[7] != LineFeed)
            return "There is no line feed after the three places of the length (byte 7).";

        // Spaces, digits, spaces; leading zeros are decimal all the same.
        var digits = bytes[4..7].Trim((byte)' ');
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
                return $"The length \"{ReversibleText.FromBytes(bytes[4..7])}\" is not a number.";
            declared = declared * 10 + (digit - '0');
        }
        return digits.IsEmpty ? "The length is blank." : null;
    }

    private static EventFlags LengthDoubts(int declared, int present, bool hasFinalLineFeed, bool hadNul)
    {
        if (declared == present || (declared == present - 1 && hasFinalLineFeed) || (declared == present + 1 && hadNul))
            return EventFlags.None;
        return declared > present ? EventFlags.LengthMismatch | EventFlags.Truncated : EventFlags.LengthMismatch;
    }

    /// <summary>Whether the tokens at the end are no more than the blank reserved places that the vendor's log has for the type.</summary>
    private static bool AreReserved(IReadOnlyList<string> extra, int reserved)
    {
        if (extra.Count > reserved)
            return false;
        foreach (var token in extra)
        {
            if (token.Length > 0)
                return false;
        }
        return true;
    }

    /// <summary>
    /// Whether the fields of a transfer fit better some places further right: then a name probably has a line feed in it. They are left where
    /// they are all the same, because a stranger who chooses the name must not be able to choose the other fields.
    /// </summary>
    private static bool LooksShifted(ReadOnlySpan<byte> tokens, int surplus)
    {
        // Places counted from the path's: 5 status, 6 transfer type, 8 start.
        var all = new FieldReader(tokens, lastIsCut: false).Rest().Skip(6).ToList();
        for (var shift = 1; shift <= surplus && 8 + shift < all.Count; shift++)
        {
            if (NcFtpdWords.Status(all[5 + shift]) != EventStatus.Unknown && all[6 + shift] is ("I" or "A")
                && all[8 + shift].Length == 10 && all[8 + shift].All(char.IsAsciiDigit))
                return true;
        }
        return false;
    }
}
