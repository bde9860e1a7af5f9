namespace FtpActors.Protocol.Globs;

/// <summary>
/// Braces of a pattern as a shell has them: <c>*.{jpg,png}</c> is <c>*.jpg</c> or <c>*.png</c>; they nest, and an alternative may be empty.
/// Braces without a comma stand for themselves, as does one behind a backslash or within a class.
/// </summary>
internal static class GlobBraces
{
    /// <summary>Most patterns that one pattern may stand for.</summary>
    public const int MaxAlternatives = 256;

    /// <summary>The patterns without braces that the pattern stands for, in its order; itself when it has none.</summary>
    /// <exception cref="FormatException">A brace is not closed, or there are too many alternatives.</exception>
    public static List<string> Expand(string pattern)
    {
        for (var open = Next(pattern, 0, "{"); open < pattern.Length; open = Next(pattern, open + 1, "{"))
        {
            var (parts, close) = Split(pattern, open);
            if (parts.Count == 1)
                continue;
            var all = new List<string>();
            foreach (var part in parts)
            {
                all.AddRange(Expand($"{pattern[..open]}{part}{pattern[(close + 1)..]}"));
                if (all.Count > MaxAlternatives)
                    throw new FormatException($"its braces stand for more than {MaxAlternatives} patterns");
            }
            return all;
        }
        return [pattern];
    }

    private static (List<string> Parts, int Close) Split(string pattern, int open)
    {
        var parts = new List<string>();
        var (depth, from) = (1, open + 1);
        for (var i = Next(pattern, from, "{,}"); i < pattern.Length; i = Next(pattern, i + 1, "{,}"))
        {
            depth += pattern[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0 || (depth == 1 && pattern[i] == ','))
            {
                parts.Add(pattern[from..i]);
                from = i + 1;
            }
            if (depth == 0)
                return (parts, i);
        }
        throw new FormatException($"the brace at character {open + 1} is not closed; write \\{{ for a brace itself");
    }

    // The next of some characters that is neither behind a backslash nor within a class; the length when there is none.
    private static int Next(string pattern, int from, string wanted)
    {
        var i = from;
        while (i < pattern.Length && !wanted.Contains(pattern[i], StringComparison.Ordinal))
        {
            i = pattern[i] switch
            {
                '\\' => i + 2,
                '[' => EndOfClass(pattern, i),
                _ => i + 1,
            };
        }
        return Math.Min(i, pattern.Length);
    }

    // Behind the class; a bracket that no one closes is told of by the reader of classes.
    private static int EndOfClass(string pattern, int open)
    {
        var i = open + 1;
        if (i < pattern.Length && pattern[i] == '!')
            i++;
        // The first one is of the class, as in []x].
        for (var first = i; i < pattern.Length && (pattern[i] != ']' || i == first); i++)
        {
            if (pattern[i] == '\\')
                i++;
        }
        return i + 1;
    }
}
