using System.Text;

namespace FtpActors.Actors.Rules;

/// <summary>
/// What a file beside an upload says of it: lines of a value and a name as sha256sum and its like write them (also with <c>--tag</c>), or the value alone. Pure; strangers write it.
/// </summary>
public static class Manifest
{
    /// <summary>The values that are given for a file, in lower case, in the order of their lines.</summary>
    /// <param name="content">All of the manifest.</param>
    /// <param name="name">The file's name, without a folder.</param>
    /// <param name="isValue">Whether a word can be a value.</param>
    public static IReadOnlyList<string> ValuesOf(ReadOnlySpan<byte> content, ReadOnlySpan<byte> name, Func<string, bool> isValue)
    {
        // A byte a character, so that names are compared by their bytes.
        var lines = Encoding.Latin1.GetString(content).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Trim().Length > 0).ToList();
        var wanted = Encoding.Latin1.GetString(name);
        if (lines is [var only] && Value(only.Trim(), isValue) is { } alone)
            return [alone];
        return [.. lines.Select(line => Read(line, isValue)).Where(l => l is { } told && IsOf(told.Name, wanted)).Select(l => l!.Value.Value)];
    }

    private static (string Value, string Name)? Read(string line, Func<string, bool> isValue)
    {
        // coreutils: a line that begins with a backslash has escapes in its name.
        var isEscaped = line.StartsWith('\\');
        line = isEscaped ? line[1..] : line;
        var (value, name) = line.IndexOf(' ', StringComparison.Ordinal) is > 0 and var blank && Value(line[..blank], isValue) is { } first
            ? (first, AfterBlank(line[(blank + 1)..]))
            : Tagged(line, isValue);
        return value is null ? null : (value, isEscaped ? Unescaped(name) : name);
    }

    // A second blank, or the asterisk of the binary mode.
    private static string AfterBlank(string name) => name.Length > 1 && name[0] is ' ' or '*' ? name[1..] : name;

    // SHA256 (name) = value
    private static (string? Value, string Name) Tagged(string line, Func<string, bool> isValue)
    {
        var (open, close) = (line.IndexOf(" (", StringComparison.Ordinal), line.LastIndexOf(") = ", StringComparison.Ordinal));
        return open > 0 && close > open + 1 ? (Value(line[(close + 4)..].Trim(), isValue), line[(open + 2)..close]) : (null, "");
    }

    private static string? Value(string word, Func<string, bool> isValue) => isValue(word) ? word.ToLowerInvariant() : null;

    // What made the list may have stood in another folder.
    private static bool IsOf(string told, string wanted) => told == wanted || told.EndsWith("/" + wanted, StringComparison.Ordinal);

    private static string Unescaped(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            text.Append(name[i] == '\\' && i + 1 < name.Length
                ? name[++i] switch { 'n' => '\n', 'r' => '\r', var other => other }
                : name[i]);
        }
        return text.ToString();
    }
}
