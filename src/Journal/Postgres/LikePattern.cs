namespace FtpActors.Journal.Postgres;

/// <summary>The filters of people as patterns of LIKE.</summary>
internal static class LikePattern
{
    /// <summary>Only <c>*</c> is special to people; what is special to LIKE is escaped with its default escape, the backslash.</summary>
    public static string? From(string? filter) => filter?
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal)
        .Replace("_", "\\_", StringComparison.Ordinal).Replace('*', '%');
}
