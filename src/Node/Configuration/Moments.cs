using System.Globalization;
using FtpActors.Protocol;

namespace FtpActors.Node.Configuration;

/// <summary>Points in time as people write them: <c>7d</c> is seven days ago; else ISO 8601, in UTC when it names no zone.</summary>
internal static class Moments
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>False when the text is neither.</summary>
    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset moment)
    {
        if (Durations.TryParse(text, out var ago))
        {
            moment = now - ago;
            return true;
        }
        return DateTimeOffset.TryParseExact(
            text.Replace(' ', 'T'), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment);
    }
}
