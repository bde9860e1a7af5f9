using System.Runtime.CompilerServices;
using System.Text;
using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

// What replay, back-test and rebuild need.
public sealed partial class SqliteJournal
{
    // Events looked at in one part of a scan: long enough that the ways to and from the reading thread do not count, short enough for memory.
    private const int ScanRows = 5000;

    Task IReplays.CreateReplayAsync(string id, string parameters) => _writer.WriteAsync(new CreateReplay(id, parameters, _clock.GetUtcNow()));

    Task<ReplayRecord?> IReplays.ReadReplayAsync(string id) => _readers.ReadAsync(database => ReplayRow.ReadAll(database, id).SingleOrDefault());

    Task<IReadOnlyList<ReplayRecord>> IReplays.ListReplaysAsync() =>
        _readers.ReadAsync<IReadOnlyList<ReplayRecord>>(database => ReplayRow.ReadAll(database, null));

    Task<int> IReplays.MoveReplayAsync(ReplayMove move) => _writer.WriteAsync(new MoveReplay(move, _clock.GetUtcNow()));

    Task IReplays.SetReplayStateAsync(string id, ReplayState state) =>
        _writer.WriteAsync(new SetReplayState(id, state, _clock.GetUtcNow()));

    // Its folder is locked: there is no other runner.
    async Task<TimeSpan?> IReplays.ClaimReplayAsync(string id, Guid runner) =>
        (await ((IReplays)this).ReadReplayAsync(id).ConfigureAwait(false))?.State == ReplayState.Running ? TimeSpan.FromHours(1) : null;

    Task IReplays.ReleaseReplayAsync(string id, Guid runner) => Task.CompletedTask;

    Task IReplays.ReplaceSessionsAsync(int shard, long? epoch, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted) =>
        _writer.WriteAsync(new ReplaceSessions(shard, epoch, sessions, deleted));

    async IAsyncEnumerable<ScanPage> IReplays.ScanAsync(
        int shard, string spool, long after, ScanQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var filter = new ScanFilter(query);
        var end = await _readers.ReadAsync(
            database => ReadSpools(database).Where(s => s.Id == spool).Select(s => s.Last).SingleOrDefault(), cancel).ConfigureAwait(false);
        end = Math.Min(end, query.UpTo ?? long.MaxValue);

        while (after < end)
        {
            var from = after;
            var page = await _readers.ReadAsync(database => Scan(database, shard, spool, from, end, filter), cancel).ConfigureAwait(false);
            yield return page;
            after = page.Seq;
        }
    }

    private static ScanPage Scan(Database database, int shard, string spool, long after, long end, ScanFilter filter)
    {
        var events = new List<StoredEvent>();
        var (seq, read) = (after, 0);
        var row = database[Sql.ReadShard].Bind(1, shard).Bind(2, spool).Bind(3, after).Bind(4, ScanRows);
        while (row.Step() && row.Integer(0) <= end)
        {
            seq = row.Integer(0);
            read++;
            if (filter.Fits(row))
                events.Add(EventRows.Read(row, spool));
        }
        row.Reset();
        return new ScanPage(read < ScanRows ? end : seq, read, events);
    }

    /// <summary>Compares the columns beside the payload, kinds by their bytes: most rows of a scan are passed over.</summary>
    private sealed class ScanFilter(ScanQuery query)
    {
        private readonly long _since = query.Since is { } since ? Times.ToMicroseconds(since) : long.MinValue;
        private readonly long _until = query.Until is { } until ? Times.ToMicroseconds(until) : long.MaxValue;
        private readonly byte[][]? _kinds = query.Kinds?.Select(kind => Encoding.UTF8.GetBytes(Names.Of(kind))).ToArray();

        public bool Fits(Statement row)
        {
            var receivedAt = row.Integer(1);
            return receivedAt >= _since && receivedAt < _until && (_kinds is null || FitsKind(row.Bytes(2)));
        }

        private bool FitsKind(ReadOnlySpan<byte> word)
        {
            foreach (var kind in _kinds!)
            {
                if (word.SequenceEqual(kind))
                    return true;
            }
            return false;
        }
    }
}
