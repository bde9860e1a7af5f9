using System.Globalization;

namespace FtpActors.Protocol;

/// <summary>Durations as people write them: a number and one of <c>ms s m h d</c>, such as <c>300ms</c>, <c>2s</c>, <c>1.5h</c>, <c>7d</c>.</summary>
public static class Durations
{
    private static readonly (string Unit, TimeSpan Span)[] Units =
    [
        // "ms" before "s" and "m": the longer ending decides.
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>False when the text is no duration, is negative, or is longer than 100 years.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, span) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n))
                return false;
            if (!double.IsFinite(n) || n * span.TotalDays > 36_525)
                return false;
            duration = span * n;
            return true;
        }
        return false;
    }

    /// <summary>The shortest exact form: 90 s is <c>90s</c>, 2 h is <c>2h</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        for (var i = Units.Length - 1; i > 0; i--)
        {
            if (duration.Ticks % Units[i].Span.Ticks == 0 && duration != TimeSpan.Zero)
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / Units[i].Span.Ticks}{Units[i].Unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds}ms");
    }
}
