using System.Text;

namespace FtpActors.Protocol.Globs;

/// <summary>
/// A pattern over names in the form of <see cref="ReversibleText"/>, compiled once.
/// <para>
/// <c>?</c> is one character, <c>*</c> any run, <c>[a-z]</c> one of a class, <c>[!a-z]</c> one not of it; <c>\</c> takes the next character
/// as it is, <c>\xHH</c> is one byte (as the program prints it). One byte that is not UTF-8 counts as one character.
/// <c>{a,b}</c> is one of the alternatives, as in a shell (<see cref="GlobBraces"/>).
/// </para>
/// <para>
/// In a path pattern <c>?</c>, <c>*</c> and classes stay within one segment and <c>**</c> crosses segments; <c>**/</c> at the start of a
/// segment also stands for nothing, so <c>/a/**/b</c> fits <c>/a/b</c>. A path pattern without a slash is compared with the last segment.
/// </para>
/// <para>Time is linear in the length of the name (times the words of 64 wildcards and letters the pattern needs): no backtracking.</para>
/// </summary>
public sealed class Glob
{
    /// <summary>Longest pattern, in characters.</summary>
    public const int MaxLength = 4096;

    private readonly string _prefix;
    private readonly string _suffix;
    private readonly GlobMachine? _middle;
    // The longest text that every match has between prefix and suffix: most names that do not fit lack it, and to look for it is cheap.
    private readonly string _within = "";
    private readonly MiddleKind _middleKind;
    private readonly StringComparison _comparison;
    private readonly bool _lastSegment;
    // The other patterns that one with braces stands for.
    private Glob[] _others = [];

    private enum MiddleKind
    {
        None,
        AnyOfSegment,
        Any,
        Machine,
    }

    private Glob(string pattern, List<GlobToken> tokens, bool lastSegment, bool ignoreCase)
    {
        Pattern = pattern;
        _lastSegment = lastSegment;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

        var first = tokens.FindIndex(t => t.Kind != GlobTokenKind.Literal);
        var last = tokens.FindLastIndex(t => t.Kind != GlobTokenKind.Literal);
        if (first < 0)
        {
            _prefix = Literals(tokens);
            _suffix = "";
            return;
        }
        _prefix = Literals(tokens[..first]);
        _suffix = Literals(tokens[(last + 1)..]);
        var middle = tokens[first..(last + 1)];
        _middleKind = middle.Count != 1 ? MiddleKind.Machine : middle[0].Kind switch
        {
            GlobTokenKind.AnyOfSegment => MiddleKind.AnyOfSegment,
            GlobTokenKind.Any => MiddleKind.Any,
            _ => MiddleKind.Machine,
        };
        if (_middleKind == MiddleKind.Machine)
        {
            _middle = new GlobMachine(middle, ignoreCase);
            _within = LongestLiteral(middle);
        }
    }

    /// <summary>The pattern as written.</summary>
    public string Pattern { get; }

    /// <summary>A pattern for paths.</summary>
    /// <exception cref="FormatException">The pattern is empty, too long, or has an open class or brace; the message says which.</exception>
    public static Glob ForPath(string pattern, bool ignoreCase = false) => Make(pattern, paths: true, ignoreCase);

    /// <summary>A pattern for users, services and hosts: a slash is a character like any other.</summary>
    /// <exception cref="FormatException">The pattern is empty, too long, or has an open class or brace; the message says which.</exception>
    public static Glob ForName(string pattern, bool ignoreCase = false) => Make(pattern, paths: false, ignoreCase);

    /// <summary>Whether a name fits.</summary>
    public bool IsMatch(string name)
    {
        if (name.Contains('\\', StringComparison.Ordinal))
            name = Unescape(name);
        if (Fits(name))
            return true;
        foreach (var other in _others)
        {
            if (other.Fits(name))
                return true;
        }
        return false;
    }

    private static Glob Make(string pattern, bool paths, bool ignoreCase)
    {
        if (pattern.Length is 0 or > MaxLength)
            throw new FormatException($"a pattern has 1 to {MaxLength} characters");
        Glob[] all = [.. GlobBraces.Expand(pattern).Select(one =>
        {
            var tokens = GlobToken.Read(one, paths);
            return new Glob(pattern, tokens, paths && !tokens.Exists(t => t.IsSlash), ignoreCase);
        })];
        all[0]._others = all[1..];
        return all[0];
    }

    private bool Fits(string name)
    {
        var text = name.AsSpan();
        if (_lastSegment)
        {
            if (text.Length > 1 && text[^1] == '/')
                text = text[..^1];
            text = text[(text.LastIndexOf('/') + 1)..];
        }
        if (_middleKind == MiddleKind.None)
            return text.Equals(_prefix, _comparison);
        if (text.Length < _prefix.Length + _suffix.Length || !text.EndsWith(_suffix, _comparison) || !text.StartsWith(_prefix, _comparison))
            return false;

        text = text[_prefix.Length..^_suffix.Length];
        return _middleKind switch
        {
            MiddleKind.Any => true,
            MiddleKind.AnyOfSegment => !text.Contains('/'),
            _ => (_within.Length == 0 || text.Contains(_within, _comparison)) && _middle!.IsMatch(text),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern;

    // A byte that is no text becomes a lone low surrogate (0xDC00 + byte), which no valid text has; "\\" becomes one backslash.
    internal static string Unescape(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '\\')
                text.Append(name[i]);
            else if (TryByte(name, i, out var b))
                (_, i) = (text.Append((char)(0xDC00 + b)), i + 3);
            else
                (_, i) = (text.Append('\\'), i + 1 < name.Length && name[i + 1] == '\\' ? i + 1 : i);
        }
        return text.ToString();
    }

    internal static bool TryByte(string text, int at, out int value)
    {
        value = 0;
        if (at + 3 >= text.Length || text[at + 1] != 'x' || !char.IsAsciiHexDigit(text[at + 2]) || !char.IsAsciiHexDigit(text[at + 3]))
            return false;
        value = Convert.ToInt32(text.Substring(at + 2, 2), 16);
        return true;
    }

    private static string LongestLiteral(List<GlobToken> tokens)
    {
        var longest = "";
        for (var from = 0; from < tokens.Count; from++)
        {
            var run = Literals([.. tokens.Skip(from).TakeWhile(t => t.Kind == GlobTokenKind.Literal)]);
            if (run.Length > longest.Length)
                longest = run;
            from += run.Length;
        }
        return longest;
    }

    private static string Literals(List<GlobToken> tokens) => string.Concat(tokens.Select(t => t.Low));
}
