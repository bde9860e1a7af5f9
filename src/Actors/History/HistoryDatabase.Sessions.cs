using System.Runtime.CompilerServices;
using FtpActors.Actors.History.Tables;
using LinqToDB;

namespace FtpActors.Actors.History;

public sealed partial class HistoryDatabase
{
    private static readonly string Uploading = Words<SessionState>.Of(SessionState.Uploading);
    private static readonly string Downloading = Words<SessionState>.Of(SessionState.Downloading);

    private readonly Walk<SessionRow> _sessions;

    /// <summary>Sessions for people, ordered by the time they opened.</summary>
    public async IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var start = query.After is { } after ? new SessionRow { OpenedAt = Times.ToMicroseconds(after.OpenedAt), Id = after.Id } : null;
        await foreach (var row in _sessions.ReadAsync(rows => Filter(rows, query), query.Last, cancel, start).ConfigureAwait(false))
            yield return row.ToRecord();
    }

    /// <summary>All sessions of a handler, each with the journal row that changed it last.</summary>
    public async IAsyncEnumerable<(SessionRecord Session, long Row)> ReadSessionsAsync(int handler, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var row in _sessions.ReadAsync(rows => rows.Where(s => s.Handler == handler), last: null, cancel).ConfigureAwait(false))
            yield return (row.ToRecord(), row.Row);
    }

    /// <summary>Open sessions in groups: the largest first, those of one size by name.</summary>
    /// <param name="by">What makes a group.</param>
    /// <param name="user">Only this user; null for any, exact unless it has <c>*</c>.</param>
    /// <param name="host">Only this host, likewise.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel = default) =>
        _readers.ReadAsync<IReadOnlyList<OpenSessions>>(db =>
        {
            var open = Filter(db.GetTable<SessionRow>(), new SessionQuery { Open = true, User = user, Host = host });
            var named = by switch
            {
                SessionGroup.User => open.Select(s => new { Name = s.User, s.State }),
                SessionGroup.Host => open.Select(s => new { Name = s.Host, s.State }),
                SessionGroup.Remote => open.Select(s => new { Name = s.RemoteHost, s.State }),
                _ => throw new ArgumentOutOfRangeException(nameof(by), by, null),
            };
            return [.. named.GroupBy(s => s.Name)
                .Select(g => new
                {
                    Name = g.Key,
                    Sessions = g.LongCount(),
                    Uploading = g.LongCount(s => s.State == Uploading),
                    Downloading = g.LongCount(s => s.State == Downloading),
                })
                .OrderByDescending(g => g.Sessions).ThenBy(g => g.Name)
                .AsEnumerable()
                .Select(g => new OpenSessions(g.Name, g.Sessions, g.Uploading, g.Downloading))];
        }, cancel);

    private static IQueryable<SessionRow> Filter(IQueryable<SessionRow> rows, SessionQuery query)
    {
        if (query.Open is { } open)
            rows = open ? rows.Where(s => s.ClosedAt == null) : rows.Where(s => s.ClosedAt != null);
        if (Times.ToMicroseconds(query.Since) is { } since)
            rows = rows.Where(s => s.LastAt >= since);
        if (Times.ToMicroseconds(query.Until) is { } until)
            rows = rows.Where(s => s.OpenedAt < until);
        return rows.WhereText(query.User, nameof(SessionRow.User)).WhereText(query.Host, nameof(SessionRow.Host));
    }

    private Walk<SessionRow> SessionsInOrder() => new(
        _readers,
        Damage,
        rows => rows.OrderBy(s => s.OpenedAt).ThenBy(s => s.Id),
        rows => rows.OrderByDescending(s => s.OpenedAt).ThenByDescending(s => s.Id),
        (rows, place) => rows.Where(s => Sql.Row(s.OpenedAt, s.Id) > Sql.Row(place.OpenedAt, place.Id)));
}
