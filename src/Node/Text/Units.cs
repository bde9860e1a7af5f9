using System.Globalization;

namespace FtpActors.Node.Text;

/// <summary>Figures for people.</summary>
internal static class Units
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>Bytes with a decimal prefix: <c>17 B</c>, <c>4.6 kB</c>, <c>1.2 GB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var i = 0;
        for (; Math.Abs(bytes) >= 999.5 && i < Prefixes.Length - 1; i++)
            bytes /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes.ToString(i == 0 || bytes >= 99.5 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Prefixes[i]}B");
    }

    /// <summary>Bytes per second; nothing when unknown.</summary>
    public static string Rate(double rate) => rate > 0 ? Bytes(rate) + "/s" : "";

    /// <summary>A span as <c>5s</c>, <c>3m20s</c>, <c>2h05m</c>, <c>3d04h</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Seconds}s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}m{span.Seconds:00}s"),
        { TotalDays: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.Hours}h{span.Minutes:00}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays}d{span.Hours:00}h"),
    };

    /// <summary>A time on this machine's clock, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A count with thousands separated.</summary>
    public static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
