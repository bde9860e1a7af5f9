using Npgsql;

namespace FtpActors.Journal.Postgres;

// How old events leave.
public sealed partial class PostgresJournal
{
    // Rows of one transaction: no shard waits long for another's lock.
    private const int DropRows = 1000;

    async Task<string?> IRetention.DropEventsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var days = await DropBeforeAsync(before).ConfigureAwait(false);
        return days.Count == 0 ? null : $"the events of {days.Count} days, {days[0]:yyyy-MM-dd} to {days[^1]:yyyy-MM-dd}";
    }

    /// <inheritdoc/>
    public Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel) =>
        DropAllAsync(async connection => await connection.RunAsync(SqlTexts.DropSessions, before, DropRows).ConfigureAwait(false), cancel);

    /// <inheritdoc/>
    public Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel) =>
        DropAllAsync(connection => connection.ReadOneAsync<long>(SqlTexts.DropDeliveries, before, DropRows), cancel);

    /// <summary>
    /// Drops the events of whole days (UTC) that ended at or before a time and of which every event has been applied; others stay. Others
    /// wait for the moment of the drop; where a table is in use for longer than a second, it and the later days are left for the next time.
    /// </summary>
    /// <returns>The days that were dropped.</returns>
    /// <exception cref="JournalException">The days before were dropped, the others not.</exception>
    public async Task<IReadOnlyList<DateOnly>> DropBeforeAsync(DateTimeOffset before)
    {
        var dropped = new List<DateOnly>();
        var days = await _server.ReadAsync(connection => connection.ReadAsync(r => r.GetFieldValue<DateOnly>(0), SqlTexts.ReadDays)).ConfigureAwait(false);
        foreach (var day in days.Where(d => d.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) <= before.UtcDateTime))
        {
            try
            {
                if (await _server.WriteAsync(async connection =>
                    {
                        await connection.ReadOneAsync<string>(SqlTexts.WaitBriefly).ConfigureAwait(false);
                        return await connection.ReadOneAsync<bool>(SqlTexts.DropDay, day).ConfigureAwait(false);
                    }).ConfigureAwait(false))
                    dropped.Add(day);
            }
            catch (JournalUnavailableException e) when (e.InnerException is { } cause && PostgresFailure.IsLockTimeout(cause))
            {
                // Whoever holds up one day holds up all, and while a drop waits, everybody else waits behind it.
                _options.Trouble($"The events of {day:yyyy-MM-dd} and later could not be dropped, their tables are in use; it is tried again with the next drop.");
                break;
            }
        }
        return dropped;
    }

    private async Task<long> DropAllAsync(Func<NpgsqlConnection, Task<long>> chunk, CancellationToken cancel)
    {
        for (var all = 0L; ;)
        {
            var dropped = await _server.ReadAsync(chunk, cancel).ConfigureAwait(false);
            all += dropped;
            if (dropped < DropRows)
                return all;
        }
    }
}
