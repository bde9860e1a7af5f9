namespace FtpActors.Actors.History.Tables;

/// <summary>Times in rows: microseconds since 1970-01-01 UTC.</summary>
internal static class Times
{
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long? ToMicroseconds(DateTimeOffset? time) => time is { } known ? ToMicroseconds(known) : null;

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    public static DateTimeOffset? FromMicroseconds(long? microseconds) => microseconds is { } known ? FromMicroseconds(known) : null;
}
