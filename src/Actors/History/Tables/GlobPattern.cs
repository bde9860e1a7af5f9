using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FtpActors.Actors.History.Tables;

/// <summary>The filters of people as patterns of SQLite's GLOB, which compares by case.</summary>
public static class GlobPattern
{
    /// <summary>
    /// Only <c>*</c> is special to people. GLOB also knows <c>?</c> and <c>[</c>, which names contain: as a set of one they mean themselves.
    /// </summary>
    [return: NotNullIfNotNull(nameof(filter))]
    public static string? From(string? filter)
    {
        if (filter is null || filter.AsSpan().IndexOfAny('?', '[') < 0)
            return filter;

        var pattern = new StringBuilder(filter.Length + 8);
        foreach (var c in filter)
        {
            if (c is '?' or '[')
                pattern.Append('[').Append(c).Append(']');
            else
                pattern.Append(c);
        }
        return pattern.ToString();
    }
}
