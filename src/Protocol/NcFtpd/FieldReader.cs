using System.Buffers.Text;

namespace FtpActors.Protocol.NcFtpd;

/// <summary>
/// Reads the tokens of a variable part one after the other, each as what its place says, and collects the doubts. Tokens are positional:
/// blank ones are never skipped or joined.
/// </summary>
internal ref struct FieldReader
{
    private readonly bool _lastIsCut;
    private ReadOnlySpan<byte> _rest;
    private bool _atEnd;
    private List<string>? _badNumbers;

    /// <param name="tokens">The variable part without its final line feed.</param>
    /// <param name="lastIsCut">The message was cut inside its last token: a number there may have lost digits.</param>
    public FieldReader(ReadOnlySpan<byte> tokens, bool lastIsCut)
    {
        _rest = tokens;
        _lastIsCut = lastIsCut;
    }

    public EventFlags Flags { get; private set; }

    public readonly IReadOnlyList<string> BadNumbers => _badNumbers is null ? [] : _badNumbers;

    public void Doubt(EventFlags flags) => Flags |= flags;

    /// <summary>The next token as text; null, and the doubt that the message is short, when there is none.</summary>
    public string? Text() => TryNext(out var token) ? NcFtpdWords.Text(token) : null;

    /// <summary>The next token as a whole number from 0; blank and -1 mean unknown.</summary>
    /// <param name="most">Largest number that makes sense.</param>
    public long? Whole(long most)
    {
        if (!TryNext(out var token) || token.IsEmpty)
            return null;
        if (Utf8Parser.TryParse(token, out long value, out var used) && used == token.Length && !IsCut())
        {
            if (value == -1)
                return null;
            if (value >= 0 && value <= most)
                return value;
        }
        DoubtNumber(token);
        return null;
    }

    /// <summary>The next token as a decimal number from 0; blank and -1 mean unknown.</summary>
    /// <param name="below">Numbers from here on make no sense.</param>
    public double? Fraction(double below)
    {
        if (!TryNext(out var token) || token.IsEmpty)
            return null;
        if (Utf8Parser.TryParse(token, out double value, out var used) && used == token.Length && !IsCut())
        {
            if (value == -1)
                return null;
            // NaN fails both comparisons, and what is too large for a double has become infinite.
            if (value >= 0 && value < below)
                return value;
        }
        DoubtNumber(token);
        return null;
    }

    /// <summary>All tokens that are left.</summary>
    public IReadOnlyList<string> Rest()
    {
        if (_atEnd)
            return [];
        var rest = new List<string>();
        while (!_atEnd && TryNext(out var token))
            rest.Add(NcFtpdWords.Text(token));
        return rest;
    }

    private readonly bool IsCut() => _lastIsCut && _atEnd;

    private void DoubtNumber(ReadOnlySpan<byte> token)
    {
        (_badNumbers ??= []).Add(NcFtpdWords.Text(token));
        Doubt(EventFlags.BadNumber);
    }

    private bool TryNext(out ReadOnlySpan<byte> token)
    {
        if (_atEnd)
        {
            Doubt(EventFlags.Short);
            token = default;
            return false;
        }
        var end = _rest.IndexOf((byte)'\n');
        _atEnd = end < 0;
        token = _atEnd ? _rest : _rest[..end];
        if (!_atEnd)
            _rest = _rest[(end + 1)..];
        return true;
    }
}
