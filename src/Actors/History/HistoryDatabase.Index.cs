using System.Runtime.CompilerServices;
using FtpActors.Actors.History.Tables;
using LinqToDB;

namespace FtpActors.Actors.History;

public sealed partial class HistoryDatabase
{
    private readonly Walk<IndexRow> _index;

    /// <summary>Which journal rows may hold what is asked for, by handler, row and spool.</summary>
    public async IAsyncEnumerable<RowIndex> ReadIndexAsync(IndexQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var row in _index.ReadAsync(rows => Filter(rows, query), last: null, cancel).ConfigureAwait(false))
            yield return row.ToRecord();
    }

    /// <summary>Seq of the last event of each spool.</summary>
    public Task<IReadOnlyList<(string Spool, long Seq)>> ReadSpoolEndsAsync(CancellationToken cancel = default) =>
        _readers.ReadAsync<IReadOnlyList<(string, long)>>(db => [.. db.GetTable<IndexRow>().GroupBy(i => i.Spool)
            .Select(g => new { Spool = g.Key, Seq = g.Max(i => i.LastSeq) }).AsEnumerable().Select(e => (e.Spool, e.Seq))], cancel);

    /// <summary>Events in the rows that may hold what is asked for.</summary>
    public Task<long> CountEventsAsync(IndexQuery query, CancellationToken cancel = default) =>
        _readers.ReadAsync(db => Filter(db.GetTable<IndexRow>(), query).Sum(i => (long)i.Count), cancel);

    /// <summary>Waits until a handler's row was written.</summary>
    public async Task ReachAsync(int handler, long row, CancellationToken cancel = default)
    {
        while (await ReadPositionAsync(handler, cancel).ConfigureAwait(false) < row)
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancel).ConfigureAwait(false);
    }

    private static IQueryable<IndexRow> Filter(IQueryable<IndexRow> rows, IndexQuery query)
    {
        if (query.Handler is { } handler)
            rows = rows.Where(i => i.Handler == handler);
        if (query.AfterRow is { } after)
            rows = rows.Where(i => i.Row > after);
        if (query.UpToRow is { } last)
            rows = rows.Where(i => i.Row <= last);
        if (Times.ToMicroseconds(query.Since) is { } since)
            rows = rows.Where(i => i.LastReceivedAt >= since);
        if (Times.ToMicroseconds(query.Until) is { } until)
            rows = rows.Where(i => i.FirstReceivedAt < until);
        if (query.Spool is { } spool)
            rows = rows.Where(i => i.Spool == spool);
        if (query.FromSeq is { } from)
            rows = rows.Where(i => i.LastSeq >= from);
        if (query.ToSeq is { } to)
            rows = rows.Where(i => i.FirstSeq <= to);
        return rows;
    }

    private Walk<IndexRow> IndexInOrder() => new(
        _readers,
        Damage,
        rows => rows.OrderBy(i => i.Handler).ThenBy(i => i.Row).ThenBy(i => i.Spool),
        rows => rows.OrderByDescending(i => i.Handler).ThenByDescending(i => i.Row).ThenByDescending(i => i.Spool),
        (rows, place) => rows.Where(i => Sql.Row(i.Handler, i.Row, i.Spool) > Sql.Row(place.Handler, place.Row, place.Spool)));
}
