using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres;

// What forwarders ask and order.
public sealed partial class PostgresJournal
{
    /// <inheritdoc/>
    public IReadOnlyList<ISpoolReceiver> Receivers => [this];

    /// <inheritdoc/>
    public Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null)
    {
        var appender = _appenders.GetOrAdd(spool, id => new SpoolAppender(_server, _days, id, Shards, _me));
        return appender.AppendAsync(host, after, new AppendRows(events, Shards, _options.Place), horizon, fresh =>
        {
            Offer(fresh);
            if (horizon is { } time)
                _horizons.Move(spool, host, time);
        });
    }

    /// <inheritdoc/>
    public async Task<long> ReadSpoolSeqAsync(string spool) =>
        (await ReadHeadsAsync(default).ConfigureAwait(false)).GetValueOrDefault(spool);

    /// <summary>Last seq of every spool that has appended.</summary>
    internal async Task<Dictionary<string, long>> ReadHeadsAsync(CancellationToken cancel) =>
        (await ReadSpoolHeadsAsync(cancel).ConfigureAwait(false)).ToDictionary(s => s.Id, s => s.Last, StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<StoredEvent?> ReadSpooledAsync(string spool, long seq) => await _server.ReadAsync(async connection =>
        await SpoolDays.AllAsync(connection, spool, seq - 1, seq).ConfigureAwait(false) is { } days
            ? (await connection.ReadAsync(
                r => EventRow.Read(r, spool), SqlTexts.ReadSpooled, Shards, spool, seq, days.From, days.Until).ConfigureAwait(false)).SingleOrDefault()
            : null).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task SkipAsync(string spool, string host, long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        return _server.WriteAsync(async connection =>
        {
            await connection.RunAsync(SqlTexts.InsertSpool, spool, host).ConfigureAwait(false);
            if (await connection.RunAsync(SqlTexts.SkipSpool, spool, from, to).ConfigureAwait(false) == 0)
                throw new InvalidOperationException($"Spool {spool} does not stand at {from} in this journal any more; nothing was skipped. Look again.");
            return true;
        });
    }
}
