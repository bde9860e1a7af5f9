using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// Appends of one spool, one after the other: promise 2. Remembers the last seq of each shard only to tell subscribers; what is true is in the
/// database, and another node that has appended meanwhile makes it unknown (-1).
/// </summary>
internal sealed class SpoolAppender(Server server, KnownDays known, string spool, int shards, string sender)
    : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long[] _lastOfShard = Unknown(shards);
    private long _last = -1;

    /// <param name="host">Name of the spool's host.</param>
    /// <param name="after">Seq before the first event.</param>
    /// <param name="rows">The events.</param>
    /// <param name="horizon">The spool's horizon with them.</param>
    /// <param name="offer">Told after the commit, in the order of the commits.</param>
    public async Task AppendAsync(string host, long after, AppendRows rows, DateTimeOffset? horizon, Action<List<FreshEvents>> offer)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            List<FreshEvents> fresh;
            await known.MakeAsync(rows.Days).ConfigureAwait(false);
            try
            {
                fresh = await server.WriteAsync(connection => WriteAsync(connection, host, after, rows, horizon)).ConfigureAwait(false);
            }
            catch (JournalUnusableException e) when (e.InnerException is { } cause && PostgresFailure.IsMissingDay(cause))
            {
                // A day that retention has dropped, and of which a late event came.
                known.Forget();
                await known.MakeAsync(rows.Days).ConfigureAwait(false);
                fresh = await server.WriteAsync(connection => WriteAsync(connection, host, after, rows, horizon)).ConfigureAwait(false);
            }
            offer(fresh);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<List<FreshEvents>> WriteAsync(NpgsqlConnection connection, string host, long after, AppendRows rows, DateTimeOffset? horizon)
    {
        // Until the commit is known to be one, nothing is known.
        var (believed, lastOfShard) = (_last, _lastOfShard);
        (_last, _lastOfShard) = (-1, Unknown(shards));

        var head = await HeadAsync(connection).ConfigureAwait(false);
        if ((head?.Last ?? 0) < after)
        {
            throw new InvalidOperationException(
                $"Spool {spool} stands at {head?.Last ?? 0} in this journal, but the batch starts after {after}: the events between are missing.");
        }
        if (head is null)
        {
            await connection.RunAsync(SqlTexts.InsertSpool, spool, host).ConfigureAwait(false);
            head = await HeadAsync(connection).ConfigureAwait(false);
        }
        var (num, last, knownHost) = head!.Value;
        if (last == 0)
            Array.Clear(lastOfShard);
        else if (last != believed)
            lastOfShard = Unknown(shards);

        var skip = (int)Math.Min(last - after, rows.Count);
        var end = last + rows.Count - skip;
        if (end > last || knownHost != host || horizon is not null)
            await connection.RunAsync(SqlTexts.MoveSpool, num, last, end, host, horizon).ConfigureAwait(false);
        List<FreshEvents> fresh = [];
        if (end > last)
            fresh = await rows.CopyAsync(connection, spool, num, skip, last + 1, lastOfShard).ConfigureAwait(false);
        if (fresh.Count > 0 || horizon is not null)
            await EndAsync(connection, num, host, horizon, rows.SeqsOfDays(skip, last + 1), fresh).ConfigureAwait(false);
        // Taken back with a commit that fails: the next append finds another last seq than this one.
        (_last, _lastOfShard) = (end, lastOfShard);
        return fresh;
    }

    // After the copy: retention locks a day's table before its row, too.
    private async Task EndAsync(
        NpgsqlConnection connection, int num, string host, DateTimeOffset? horizon, SortedDictionary<DateOnly, (long First, long Last)> days,
        List<FreshEvents> fresh)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (fresh.Count > 0)
        {
            batch.Add(SqlTexts.MoveDays, num, days.Keys.ToArray(), days.Values.Select(s => s.First).ToArray(), days.Values.Select(s => s.Last).ToArray());
            batch.Add(SqlTexts.MoveShards, num, fresh.Select(f => f.Shard).ToArray(), fresh.Select(f => f.Events[^1].Seq).ToArray());
        }
        batch.Add(SqlTexts.NotifyFresh, $"{sender} {FreshNote.Of(spool, host, horizon, fresh)}");
        await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    // The row stays locked to the end of the transaction: two forwarders of one spool cannot both append.
    private async Task<(int Num, long Last, string Host)?> HeadAsync(NpgsqlConnection connection)
    {
        var rows = await connection.ReadAsync(r => (r.GetInt32(0), r.GetInt64(1), r.GetString(2)), SqlTexts.LockSpool, spool).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    private static long[] Unknown(int shards) => [.. Enumerable.Repeat(-1L, shards)];
}
