using FtpActors.Actors.History.Tables;
using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History;

// How old things leave: in parts of one short transaction each, between which everyone else is served. The file does not become smaller; its space is used again.
public sealed partial class HistoryDatabase
{
    private const int PartRows = 1000;
    // Each with its operations, which are many more.
    private const int PartSessions = 100;

    private static readonly string[] Over = [Words<DeliveryState>.Of(DeliveryState.Done), Words<DeliveryState>.Of(DeliveryState.Dropped)];

    /// <summary>Drops sessions that ended before a time, with their file operations.</summary>
    /// <returns>How many sessions.</returns>
    public async Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel = default)
    {
        var limit = Times.ToMicroseconds(before);
        for (var all = 0L; ;)
        {
            var ids = await _readers.ReadAsync<string[]>(
                db => [.. db.GetTable<SessionRow>().Where(s => s.ClosedAt < limit).OrderBy(s => s.ClosedAt).Select(s => s.Id).Take(PartSessions)],
                cancel).ConfigureAwait(false);
            if (ids.Length == 0)
                return all;
            await RepeatAsync(db => DropOperationsOf(db, ids), cancel).ConfigureAwait(false);
            all += await ChangeAsync(
                writer => writer.Connection.GetTable<SessionRow>().Where(s => ids.Contains(s.Id) && s.ClosedAt < limit).Delete()).ConfigureAwait(false);
        }
    }

    /// <summary>Drops deliveries that were done or taken off before a time, with their tries. Dead letters stay: they wait for a person.</summary>
    /// <returns>How many deliveries.</returns>
    public Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel = default)
    {
        var limit = Times.ToMicroseconds(before);
        return RepeatAsync(db =>
        {
            var ids = db.GetTable<DeliveryRow>().Where(d => d.FinishedAt < limit && Over.Contains(d.State))
                .OrderBy(d => d.FinishedAt).Select(d => d.Id).Take(PartRows).ToArray();
            db.GetTable<TryRow>().Where(t => ids.Contains(t.Delivery)).Delete();
            return db.GetTable<DeliveryRow>().Where(d => ids.Contains(d.Id)).Delete();
        }, cancel);
    }

    /// <summary>Drops file operations that were received before a time.</summary>
    /// <returns>How many.</returns>
    public Task<long> DropOperationsAsync(DateTimeOffset before, CancellationToken cancel = default)
    {
        var limit = Times.ToMicroseconds(before);
        return RepeatAsync(db =>
        {
            var old = db.GetTable<OperationRow>().Where(o => o.ReceivedAt < limit);
            var next = old.OrderBy(o => o.ReceivedAt).Select(o => (long?)o.ReceivedAt).Skip(PartRows).FirstOrDefault() ?? limit;
            // Those of one and the same time go together.
            return old.Where(o => o.ReceivedAt <= next).Delete();
        }, cancel);
    }

    /// <summary>Drops the index of a handler's journal rows that are gone.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="upToRow">The last journal row that is gone.</param>
    /// <param name="cancel">Ends it between two parts.</param>
    /// <returns>How many entries.</returns>
    public Task<long> DropIndexAsync(int handler, long upToRow, CancellationToken cancel = default) => RepeatAsync(db =>
    {
        var gone = db.GetTable<IndexRow>().Where(i => i.Handler == handler && i.Row <= upToRow);
        var next = gone.OrderBy(i => i.Row).Select(i => (long?)i.Row).Skip(PartRows).FirstOrDefault() ?? upToRow;
        return gone.Where(i => i.Row <= next).Delete();
    }, cancel);

    private static int DropOperationsOf(DataConnection db, string[] sessions)
    {
        var theirs = db.GetTable<OperationRow>().Where(o => o.Session != null && sessions.Contains(o.Session));
        var next = theirs.OrderBy(o => o.Session).ThenBy(o => o.Spool).ThenBy(o => o.Seq).Skip(PartRows).FirstOrDefault();
        return next is null
            ? theirs.Delete()
            : theirs.Where(o => Sql.Row(o.Session, o.Spool, o.Seq) <= Sql.Row(next.Session, next.Spool, next.Seq)).Delete();
    }

    /// <summary>Drops one part after the other until one finds nothing.</summary>
    private async Task<long> RepeatAsync(Func<DataConnection, int> dropPart, CancellationToken cancel)
    {
        for (var all = 0L; ;)
        {
            cancel.ThrowIfCancellationRequested();
            var dropped = await ChangeAsync(writer => dropPart(writer.Connection)).ConfigureAwait(false);
            if (dropped == 0)
                return all;
            all += dropped;
        }
    }
}
