namespace FtpActors.Actors.History.Tables;

/// <summary>Times in rows: microseconds since 1970-01-01 UTC.</summary>
public static class Times
{
    /// <summary>As it is stored.</summary>
    public static long ToMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>As it is stored.</summary>
    public static long? ToMicroseconds(DateTimeOffset? time) => time is { } known ? ToMicroseconds(known) : null;

    /// <summary>From the row.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.Ticks + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>From the row.</summary>
    public static DateTimeOffset? FromMicroseconds(long? microseconds) => microseconds is { } known ? FromMicroseconds(known) : null;
}
