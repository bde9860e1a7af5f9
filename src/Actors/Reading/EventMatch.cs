using FtpActors.Protocol;

namespace FtpActors.Actors.Reading;

/// <summary>The filters of an <see cref="EventQuery"/> on one event, as the journal applies them: texts exact, <c>*</c> for any run of characters.</summary>
public static class EventMatch
{
    /// <summary>Whether an event fits.</summary>
    public static bool Matches(EventQuery query, FtpEvent e) =>
        (query.Kind is not { } kind || e.Kind == kind)
        && (query.Since is not { } since || e.ReceivedAt >= since)
        && (query.Until is not { } until || e.ReceivedAt < until)
        && Matches(query.User, e.User)
        && Matches(query.Path, e.Path);

    /// <summary>Whether a text fits a pattern; a null pattern fits all, and no text fits only that.</summary>
    public static bool Matches(string? pattern, string? text)
    {
        if (pattern is null)
            return true;
        if (text is null)
            return false;
        if (!pattern.Contains('*', StringComparison.Ordinal))
            return pattern == text;
        var parts = pattern.Split('*');
        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
            return false;
        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = text.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + part.Length;
        }
        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}
