namespace FtpActors.Journal.Sqlite;

/// <summary>Times in rows: microseconds since 1970-01-01 UTC.</summary>
internal static class Times
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
