using FtpActors.Journal.Sqlite;
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

    private static IQueryable<IndexRow> Filter(IQueryable<IndexRow> rows, IndexQuery query)
    {
        if (query.Handler is { } handler)
            rows = rows.Where(i => i.Handler == handler);
        if (query.AfterRow is { } after)
            rows = rows.Where(i => i.Row > after);
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
        rows => rows.OrderBy(i => i.Handler).ThenBy(i => i.Row).ThenBy(i => i.Spool),
        rows => rows.OrderByDescending(i => i.Handler).ThenByDescending(i => i.Row).ThenByDescending(i => i.Spool),
        (rows, place) => rows.Where(i => Sql.Row(i.Handler, i.Row, i.Spool) > Sql.Row(place.Handler, place.Row, place.Spool)));
}
