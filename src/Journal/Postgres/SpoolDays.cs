using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// Where in time a range of a spool's seqs lies. A query of events without bounds on received_at plans, locks and opens every partition
/// (measured with 400 of them: 45 ms and 804 locks for one page; with bounds 0.5 ms and 12).
/// </summary>
/// <param name="From">Received at or after.</param>
/// <param name="Until">Received before.</param>
/// <param name="UpTo">Every seq of the range up to this one lies within; what comes after is another part.</param>
/// <param name="IsLast">There are no others after it.</param>
internal sealed record SpoolDays(DateTimeOffset From, DateTimeOffset Until, long UpTo, bool IsLast)
{
    // Few enough to be cheap, enough that a reader who is days behind does not ask for every one of them.
    private const int DaysOfAPart = 7;

    /// <summary>The first days of a range, for readers that go on by seq.</summary>
    /// <returns>Null when nothing of the range is there.</returns>
    public static Task<SpoolDays?> FirstAsync(NpgsqlConnection connection, string spool, long after, long upTo) =>
        ReadAsync(connection, spool, after, upTo, DaysOfAPart);

    /// <summary>All days of a range.</summary>
    /// <returns>Null when nothing of the range is there.</returns>
    public static Task<SpoolDays?> AllAsync(NpgsqlConnection connection, string spool, long after, long upTo) =>
        ReadAsync(connection, spool, after, upTo, int.MaxValue);

    private static async Task<SpoolDays?> ReadAsync(NpgsqlConnection connection, string spool, long after, long upTo, int most)
    {
        var days = await connection.ReadAsync(
            r => (Day: r.GetFieldValue<DateOnly>(0), First: r.GetInt64(1)), SqlTexts.ReadSpoolDays, spool, after, upTo).ConfigureAwait(false);
        if (days.Count == 0)
            return null;
        // All that begin before the range's first seq are needed for it; days may overlap.
        var part = days[..Math.Min(days.Count, Math.Max(most, days.Count(d => d.First <= after + 1)))];
        var isLast = part.Count == days.Count;
        return new SpoolDays(Midnight(part.Min(d => d.Day)), Midnight(part.Max(d => d.Day).AddDays(1)), isLast ? upTo : days[part.Count].First - 1, isLast);
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
}
