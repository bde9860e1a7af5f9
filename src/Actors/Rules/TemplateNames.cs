using System.Text.RegularExpressions;

namespace FtpActors.Actors.Rules;

/// <summary>The names that templates may use, and the check that they use no others.</summary>
public static partial class TemplateNames
{
    private static readonly string[] Helpers = ["if", "unless", "each", "with", "lookup", "else", "this", "as", "true", "false", "null", "length", "Count"];

    /// <summary>Names of events, sessions, files of a session, notices and the delivery. <c>user_info</c> has the fields of the user directory.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        // an event
        "spool", "seq", "session_id", "received_at", "time", "kind", "host", "service", "source", "session", "user", "email", "remote_host",
        "path", "path_to", "bytes", "seconds", "status", "flags", "type", "extra", "fingerprint", "path_from",
        // a session
        "opened_at", "closed_at", "began", "ended", "certainty", "uploads", "downloads", "bytes_up", "bytes_down", "failures", "file_count", "files",
        // a notice
        "shard", "waiting", "oldest_at", "attempts", "outcome", "cause",
        // the delivery
        "rule", "delivery_key", "attempt", "user_info",
    ];

    /// <summary>What is wrong with the names of a template, null when nothing is.</summary>
    /// <param name="text">The template.</param>
    /// <param name="userFields">Fields of the user directory, null when they are not known.</param>
    public static string? Problem(string text, IReadOnlyCollection<string>? userFields)
    {
        foreach (Match tag in Tag().Matches(text))
        {
            var inside = tag.Groups["inside"].Value;
            if (inside.StartsWith('!'))
                continue;
            if (inside.StartsWith('>'))
                return $"{tag.Value}: partials are not supported; write the text in place";
            foreach (Match word in Word().Matches(Quoted().Replace(inside, " ")))
            {
                if (WordProblem(word.Value, userFields) is { } problem)
                    return $"{tag.Value}: {problem}";
            }
        }
        return null;
    }

    private static string? WordProblem(string word, IReadOnlyCollection<string>? userFields)
    {
        var segments = word.Split(['.', '/'], StringSplitOptions.RemoveEmptyEntries).SkipWhile(s => s is "this").ToArray();
        if (segments.Length == 0 || word[0] == '@' || char.IsAsciiDigit(word[0]) || Helpers.Contains(segments[0], StringComparer.Ordinal))
            return null;
        if (!All.Contains(segments[0], StringComparer.Ordinal))
            return $"'{segments[0]}' is not known{Nearest.Hint(segments[0], All)}";
        if (segments[0] == "user_info" && segments.Length > 1 && userFields is not null && !userFields.Contains(segments[1], StringComparer.Ordinal))
            return $"the user directory has no field '{segments[1]}'{Nearest.Hint(segments[1], userFields)}";
        return null;
    }

    [GeneratedRegex(@"\{\{\{?~?(?<inside>!--.*?--|[^{}]*?)~?\}?\}\}", RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Tag();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|\\|[^|]*\\|", RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"[@\w./-]+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();
}
