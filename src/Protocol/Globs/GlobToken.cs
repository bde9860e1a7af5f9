namespace FtpActors.Protocol.Globs;

internal enum GlobTokenKind
{
    /// <summary>One UTF-16 unit.</summary>
    Literal,
    /// <summary>One character but a slash.</summary>
    One,
    /// <summary>One character of any kind (names).</summary>
    OneOfAll,
    /// <summary>One character of a class.</summary>
    Class,
    /// <summary>Any run without a slash.</summary>
    AnyOfSegment,
    /// <summary>Any run.</summary>
    Any,
    /// <summary>Nothing, or any run that ends in a slash. The machine gives it two states.</summary>
    Folders,
}

/// <summary>A piece of a pattern. Classes hold ranges of UTF-16 units; characters beyond the basic plane cannot be in a class.</summary>
internal sealed record GlobToken(GlobTokenKind Kind, char Low = '\0', IReadOnlyList<(char From, char To)>? Ranges = null, bool Negated = false, bool Paths = true)
{
    public bool IsSlash => Kind == GlobTokenKind.Folders || (Kind == GlobTokenKind.Literal && Low == '/');

    public bool Fits(char c)
    {
        if (Kind != GlobTokenKind.Class || (Paths && c == '/'))
            return false;
        var inside = false;
        foreach (var (from, to) in Ranges!)
            inside |= c >= from && c <= to;
        return inside != Negated;
    }

    public static List<GlobToken> Read(string pattern, bool paths)
    {
        if (pattern.Length == 0)
            throw new FormatException("one of its alternatives is empty, and fits no name");

        var tokens = new List<GlobToken>();
        for (var i = 0; i < pattern.Length;)
        {
            switch (pattern[i])
            {
                case '*':
                    i = ReadStars(pattern, i, paths, tokens);
                    break;
                case '?':
                    tokens.Add(new GlobToken(paths ? GlobTokenKind.One : GlobTokenKind.OneOfAll));
                    i++;
                    break;
                case '[':
                    i = ReadClass(pattern, i, paths, tokens);
                    break;
                default:
                    tokens.Add(new GlobToken(GlobTokenKind.Literal, ReadChar(pattern, ref i)));
                    break;
            }
        }
        return tokens;
    }

    private static int ReadStars(string pattern, int at, bool paths, List<GlobToken> tokens)
    {
        var end = at;
        while (end < pattern.Length && pattern[end] == '*')
            end++;
        if (!paths || end - at == 1)
        {
            tokens.Add(new GlobToken(paths ? GlobTokenKind.AnyOfSegment : GlobTokenKind.Any));
            return end;
        }
        var startsSegment = tokens.Count == 0 || tokens[^1].IsSlash;
        if (!startsSegment || end == pattern.Length || pattern[end] != '/')
        {
            tokens.Add(new GlobToken(GlobTokenKind.Any));
            return end;
        }
        // "**/**/" says no more than "**/", and the machine relies on there being no two in a row.
        if (tokens.Count == 0 || tokens[^1].Kind != GlobTokenKind.Folders)
            tokens.Add(new GlobToken(GlobTokenKind.Folders));
        return end + 1;
    }

    private static int ReadClass(string pattern, int at, bool paths, List<GlobToken> tokens)
    {
        var i = at + 1;
        var negated = i < pattern.Length && pattern[i] == '!';
        if (negated)
            i++;
        var ranges = new List<(char, char)>();
        while (i < pattern.Length && (pattern[i] != ']' || ranges.Count == 0))
        {
            var from = ReadChar(pattern, ref i);
            var to = from;
            if (i + 1 < pattern.Length && pattern[i] == '-' && pattern[i + 1] != ']')
            {
                i++;
                to = ReadChar(pattern, ref i);
            }
            if (char.IsHighSurrogate(from) || char.IsHighSurrogate(to))
                throw new FormatException($"the class at character {at + 1} has a character beyond U+FFFF; use ? or write the patterns one by one");
            if (to < from)
                throw new FormatException($"the class at character {at + 1} has a range that runs backwards");
            ranges.Add((from, to));
        }
        if (i >= pattern.Length)
            throw new FormatException($"the class at character {at + 1} is not closed; write \\[ for a bracket itself");
        tokens.Add(new GlobToken(GlobTokenKind.Class, Ranges: ranges, Negated: negated, Paths: paths));
        return i + 1;
    }

    private static char ReadChar(string pattern, ref int i)
    {
        if (pattern[i] != '\\')
            return pattern[i++];
        if (Glob.TryByte(pattern, i, out var b))
        {
            i += 4;
            return b is > 0 and < 0x80 ? (char)b : (char)(0xDC00 + b);
        }
        i++;
        return i < pattern.Length ? pattern[i++] : throw new FormatException("the pattern ends in a backslash; write \\\\ for a backslash itself");
    }
}
