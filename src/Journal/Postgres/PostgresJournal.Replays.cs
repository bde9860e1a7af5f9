using System.Runtime.CompilerServices;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Postgres;

// What replay, back-test and rebuild need.
public sealed partial class PostgresJournal
{
    // Events looked at in one part of a scan: long enough that the ways to and from the server do not count, short enough for memory.
    private const int ScanRows = 5000;

    async Task IReplays.CreateReplayAsync(string id, string parameters)
    {
        if (!await TryCreateReplayAsync(id, parameters).ConfigureAwait(false))
            throw new InvalidOperationException($"There is a replay {id} already.");
    }

    /// <summary>Stores a new replay; false when there is one of that id already.</summary>
    internal async Task<bool> TryCreateReplayAsync(string id, string parameters) => await _server.ReadAsync(
        connection => connection.RunAsync(SqlTexts.InsertReplay, id, parameters, _options.Clock.GetUtcNow())).ConfigureAwait(false) > 0;

    async Task<ReplayRecord?> IReplays.ReadReplayAsync(string id) => (await ReadReplaysAsync(id).ConfigureAwait(false)).SingleOrDefault();

    Task<IReadOnlyList<ReplayRecord>> IReplays.ListReplaysAsync() => ReadReplaysAsync(null);

    Task<int> IReplays.MoveReplayAsync(ReplayMove move) => _server.WriteAsync(async connection =>
    {
        await LockShardsAsync(connection, move.Shard).ConfigureAwait(false);
        var spool = await RequireBeforeAsync(connection, move).ConfigureAwait(false);
        var now = _options.Clock.GetUtcNow();
        await connection.RunAsync(SqlTexts.MoveReplay, move.Id, move.Shard, spool, move.Seq).ConfigureAwait(false);
        var made = await DeliveryRow.InsertAsync(connection, move.Shard, move.Deliveries, now).ConfigureAwait(false);
        await connection.RunAsync(SqlTexts.CountReplay, move.Id, move.Read, move.Matched, (long)made, now).ConfigureAwait(false);
        if (made > 0)
            await DueNote.TellAsync(connection, move.Shard).ConfigureAwait(false);
        return made;
    });

    async Task IReplays.SetReplayStateAsync(string id, ReplayState state)
    {
        var set = await _server.ReadAsync(connection => connection.RunAsync(
            SqlTexts.SetReplayState, id, Words<ReplayState>.Of(state), _options.Clock.GetUtcNow())).ConfigureAwait(false);
        if (set == 0)
            throw new InvalidOperationException($"There is no replay {id}.");
    }

    async Task<TimeSpan?> IReplays.ClaimReplayAsync(string id, Guid runner) => await _server.ReadAsync(
        connection => connection.RunAsync(SqlTexts.ClaimReplay, id, runner, _options.Lease)).ConfigureAwait(false) == 0 ? null : _options.Lease;

    Task IReplays.ReleaseReplayAsync(string id, Guid runner) =>
        _server.ReadAsync(connection => connection.RunAsync(SqlTexts.ReleaseReplay, id, runner));

    async IAsyncEnumerable<ScanPage> IReplays.ScanAsync(
        int shard, string spool, long after, ScanQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var end = (await ReadSpoolHeadsAsync(cancel).ConfigureAwait(false)).Where(s => s.Id == spool).Select(s => s.Last).SingleOrDefault();
        end = Math.Min(end, query.UpTo ?? long.MaxValue);
        var kinds = query.Kinds?.Select(Names.Of).ToHashSet(StringComparer.Ordinal);

        while (after < end)
        {
            var from = after;
            var page = await _server.ReadAsync(
                connection => ScanAsync(connection, shard, spool, from, end, query, kinds), cancel).ConfigureAwait(false);
            yield return page;
            after = page.Seq;
        }
    }

    Task IReplays.ReplaceSessionsAsync(int shard, long? epoch, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted) =>
        epoch is { } owned
            ? Owned(shard, owned).WriteAsync(owned, async connection =>
            {
                await RequireEpochAsync(connection, shard, owned).ConfigureAwait(false);
                return await ReplaceAsync(connection, shard, sessions, deleted).ConfigureAwait(false);
            })
            : _server.WriteAsync(async connection =>
            {
                await LockShardsAsync(connection, shard).ConfigureAwait(false);
                return await ReplaceAsync(connection, shard, sessions, deleted).ConfigureAwait(false);
            });

    private static async Task<bool> ReplaceAsync(
        NpgsqlConnection connection, int shard, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted)
    {
        // An update would leave the columns that a living session never changes.
        await connection.RunAsync(SqlTexts.DeleteSessions, shard, deleted.Concat(sessions.Select(s => s.Id)).ToArray()).ConfigureAwait(false);
        foreach (var part in sessions.Chunk(PageRows))
        {
            await using var batch = new NpgsqlBatch(connection);
            SessionRow.Write(batch, part, shard);
            await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        return true;
    }

    private static async Task<ScanPage> ScanAsync(
        NpgsqlConnection connection, int shard, string spool, long after, long end, ScanQuery query, HashSet<string>? kinds)
    {
        var events = new List<StoredEvent>();
        if (await SpoolDays.FirstAsync(connection, spool, after, end).ConfigureAwait(false) is not { } days)
            return new ScanPage(end, 0, events);
        var (seq, read) = (after, 0);
        await using var command = connection.Command(SqlTexts.ReadShard, shard, spool, after, days.UpTo, days.From, days.Until, ScanRows);
        await using var row = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await row.ReadAsync().ConfigureAwait(false))
        {
            seq = row.GetInt64(0);
            read++;
            // Most rows of a scan are passed over: their payloads are not decoded.
            var receivedAt = row.Time(1);
            if ((query.Since is null || receivedAt >= query.Since) && (query.Until is null || receivedAt < query.Until)
                && (kinds is null || kinds.Contains(row.GetString(2))))
                events.Add(EventRow.Read(row, spool));
        }
        return new ScanPage(read < ScanRows ? days.UpTo : seq, read, events);
    }

    /// <summary>Locks the replay and checks that it may move.</summary>
    /// <returns>The number of the spool.</returns>
    private static async Task<int> RequireBeforeAsync(NpgsqlConnection connection, ReplayMove move)
    {
        var places = await connection.ReadAsync(
            r => (State: Words<ReplayState>.Parse(r.GetString(0)), Runner: r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1),
                Spool: r.IsDBNull(2) ? (int?)null : r.GetInt32(2), Seq: r.GetInt64(3)),
            SqlTexts.LockReplay, move.Id, move.Shard, move.Spool).ConfigureAwait(false);
        if (places.Count == 0)
            throw new InvalidOperationException($"There is no replay {move.Id}.");
        var (state, runner, spool, seq) = places[0];
        if (spool is null)
            throw new InvalidOperationException($"Replay {move.Id} cannot stand in spool {move.Spool}: it has never appended to this journal.");
        if (state != ReplayState.Running)
            throw new InvalidOperationException($"Replay {move.Id} is {Words<ReplayState>.Of(state)}, not running.");
        if (move.Runner is { } mover && runner != mover)
            throw new InvalidOperationException($"Replay {move.Id} is run by another node now.");
        if (seq >= move.Seq)
        {
            throw new InvalidOperationException(
                $"Replay {move.Id} stands at {seq} of shard {move.Shard} and spool {move.Spool} already, not before {move.Seq}: something else moves it.");
        }
        return spool.Value;
    }

    private async Task<IReadOnlyList<ReplayRecord>> ReadReplaysAsync(string? id)
    {
        // One row per position; a replay that has none has one row without.
        var rows = await _server.ReadAsync(connection => connection.ReadAsync(
            r => (Replay: new ReplayRecord(
                    Id: r.GetString(0), Parameters: r.GetString(1), Words<ReplayState>.Parse(r.GetString(2)), CreatedAt: r.Time(3), ChangedAt: r.Time(4),
                    Read: r.GetInt64(5), Matched: r.GetInt64(6), Made: r.GetInt64(7), Positions: []),
                Position: r.IsDBNull(8) ? null : new ReplayPosition(r.GetInt32(8), r.GetString(9), r.GetInt64(10))),
            SqlTexts.ReadReplays, id)).ConfigureAwait(false);
        return [.. rows.GroupBy(r => r.Replay.Id, (_, own) => own.ToList()).Select(own => own[0].Replay with
        {
            Positions = [.. own.Select(r => r.Position).OfType<ReplayPosition>()],
        })];
    }
}
