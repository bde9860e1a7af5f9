using System.Runtime.CompilerServices;
using FtpActors.Actors.History.Tables;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using LinqToDB;

namespace FtpActors.Actors.History;

public sealed partial class HistoryDatabase
{
    private static readonly string Upload = Names.Of(EventKind.Upload);
    private static readonly string Download = Names.Of(EventKind.Download);

    private readonly Walk<OperationRow> _operations;

    /// <summary>File operations for people, in the order they were received.</summary>
    public async IAsyncEnumerable<FileOperation> QueryOperationsAsync(OperationQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var start = query.After is { } after ? new OperationRow { ReceivedAt = Times.ToMicroseconds(after.ReceivedAt), Spool = after.Spool, Seq = after.Seq } : null;
        await foreach (var row in _operations.ReadAsync(rows => Filter(rows, query), query.Last, cancel, start).ConfigureAwait(false))
            yield return row.ToRecord();
    }

    /// <summary>The transfers of a session in their order; an upload that has its final name now stands where it stood under the temporary one.</summary>
    /// <param name="session">Id of the session.</param>
    /// <param name="most">Most files.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<IReadOnlyList<SessionFile>> ReadFilesAsync(string session, int most, CancellationToken cancel = default) =>
        _readers.ReadAsync<IReadOnlyList<SessionFile>>(db =>
        {
            var files = new List<SessionFile>();
            // By seq: that is the order in which the session's events were made durable, whatever the clock did.
            var transfers = db.GetTable<OperationRow>().Where(o => o.Session == session && (o.Kind == Upload || o.Kind == Download))
                .OrderBy(o => o.Spool).ThenBy(o => o.Seq);
            foreach (var row in transfers.AsEnumerable().Where(Damage.Passes))
            {
                SessionFile.Add(files, EventOf(row.ToRecord()));
                if (files.Count >= most)
                    break;
            }
            return files;
        }, cancel);

    // What of an event says what a session's file is.
    private static FtpEvent EventOf(FileOperation o) => new()
    {
        ReceivedAt = o.ReceivedAt, Time = o.StartedAt, Kind = o.Kind, Host = o.Host, Source = o.Source, Path = o.Path, PathFrom = o.PathFrom,
        Bytes = o.Bytes, Status = o.Status,
    };

    private static IQueryable<OperationRow> Filter(IQueryable<OperationRow> rows, OperationQuery query)
    {
        if (Times.ToMicroseconds(query.Since) is { } since)
            rows = rows.Where(o => o.ReceivedAt >= since);
        if (Times.ToMicroseconds(query.Until) is { } until)
            rows = rows.Where(o => o.ReceivedAt < until);
        if (query.Kind is { } kind)
        {
            var word = Names.Of(kind);
            rows = rows.Where(o => o.Kind == word);
        }
        if (query.Session is { } session)
            rows = rows.Where(o => o.Session == session);
        return rows.WhereText(query.User, nameof(OperationRow.User)).WhereText(query.Host, nameof(OperationRow.Host))
            .WhereText(query.Path, nameof(OperationRow.Path), nameof(OperationRow.PathTo));
    }

    private Walk<OperationRow> OperationsInOrder() => new(
        _readers,
        Damage,
        rows => rows.OrderBy(o => o.ReceivedAt).ThenBy(o => o.Spool).ThenBy(o => o.Seq),
        rows => rows.OrderByDescending(o => o.ReceivedAt).ThenByDescending(o => o.Spool).ThenByDescending(o => o.Seq),
        (rows, place) => rows.Where(o => Sql.Row(o.ReceivedAt, o.Spool, o.Seq) > Sql.Row(place.ReceivedAt, place.Spool, place.Seq)));
}
