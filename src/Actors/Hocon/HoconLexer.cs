using System.Text.RegularExpressions;

namespace FtpActors.Actors.Hocon;

/// <summary>Cuts a text into tokens, one at a time.</summary>
internal sealed partial class HoconLexer(string file, string text)
{
    // What stands for something else in HOCON, or is kept for later versions of it, is written in quotes.
    private const string NotBare = "$\"{}[]:=,+#`^?!@*&\\";

    private int _at = text.StartsWith('\uFEFF') ? 1 : 0;
    private int _line = 1;
    private int _lineStart = text.StartsWith('\uFEFF') ? 1 : 0;

    public HoconToken Next()
    {
        var spaceStart = _at;
        while (_at < text.Length && text[_at] != '\n' && IsBlank(text[_at]))
            _at++;
        var space = text[spaceStart.._at];
        if (_at < text.Length && (text[_at] == '#' || Follows("//")))
            _at = text.IndexOf('\n', _at) is >= 0 and var end ? end : text.Length;

        var place = new Place(file, _line, _at - _lineStart + 1);
        if (_at == text.Length)
            return new HoconToken(HoconTokenKind.End, "", place, space);
        if (Follows("+="))
            return Take(HoconTokenKind.PlusSeparator, 2, place, space);
        if (Follows("${"))
            return Take(HoconTokenKind.SubstitutionStart, text.AsSpan(_at).StartsWith("${?") ? 3 : 2, place, space);
        switch (text[_at])
        {
            case '\n':
                var newLine = Take(HoconTokenKind.NewLine, 1, place, space);
                (_line, _lineStart) = (_line + 1, _at);
                return newLine;
            case ',': return Take(HoconTokenKind.Comma, 1, place, space);
            case ':' or '=': return Take(HoconTokenKind.Separator, 1, place, space);
            case '{': return Take(HoconTokenKind.OpenBrace, 1, place, space);
            case '}': return Take(HoconTokenKind.CloseBrace, 1, place, space);
            case '[': return Take(HoconTokenKind.OpenBracket, 1, place, space);
            case ']': return Take(HoconTokenKind.CloseBracket, 1, place, space);
            case '"': return Quoted(place, space);
        }
        return Bare(place, space);
    }

    /// <summary>True when the whole of a bare word is a number, as JSON writes them.</summary>
    public static bool IsNumber(string bare) => Number().Match(bare) is { Success: true } number && number.Length == bare.Length;

    private HoconToken Take(HoconTokenKind kind, int length, Place place, string space)
    {
        _at += length;
        return new HoconToken(kind, text[(_at - length).._at], place, space);
    }

    private HoconToken Bare(Place place, string space)
    {
        // A number first: the '+' of 1e+5 is allowed nowhere else.
        var end = Number().Match(text, _at) is { Success: true } number ? _at + number.Length : _at;
        while (end < text.Length && !IsBlank(text[end]) && !NotBare.Contains(text[end], StringComparison.Ordinal) && !text.AsSpan(end).StartsWith("//"))
            end++;
        if (end == _at)
            throw new HoconException(place, $"'{text[_at]}' is not allowed outside of quotes; put the text in quotes: \"...\"");
        return Take(HoconTokenKind.Bare, end - _at, place, space);
    }

    private HoconToken Quoted(Place place, string space)
    {
        if (Follows("\"\"\""))
            return LongQuoted(place, space);
        var end = _at + 1;
        while (end < text.Length && text[end] is not ('"' or '\n'))
            end += text[end] == '\\' && end + 1 < text.Length && text[end + 1] != '\n' ? 2 : 1;
        if (end >= text.Length || text[end] == '\n')
            throw new HoconException(place, "this quote is not closed on its line; close it, or put three quotes on each side of a text of several lines");
        var inner = text[(_at + 1)..end];
        _at = end + 1;
        return new HoconToken(HoconTokenKind.Quoted, HoconEscapes.Decode(inner, place), place, space);
    }

    private HoconToken LongQuoted(Place place, string space)
    {
        var end = text.IndexOf("\"\"\"", _at + 3, StringComparison.Ordinal);
        if (end < 0)
            throw new HoconException(place, "these three quotes are never closed; put three quotes behind the text");
        // Of more than three quotes the last three close the text.
        while (end + 3 < text.Length && text[end + 3] == '"')
            end++;
        var inner = text[(_at + 3)..end];
        HoconEscapes.CheckCharacters(inner, place);
        if (inner.LastIndexOf('\n') is >= 0 and var last)
            (_line, _lineStart) = (_line + inner.Count(c => c == '\n'), _at + 3 + last + 1);
        _at = end + 3;
        return new HoconToken(HoconTokenKind.Quoted, inner, place, space);
    }

    private bool Follows(string what) => text.AsSpan(_at).StartsWith(what, StringComparison.Ordinal);

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';

    [GeneratedRegex(@"\G-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")]
    private static partial Regex Number();
}
