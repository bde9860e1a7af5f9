using System.Runtime.CompilerServices;
using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

// Streams for people: page by page, so that a slow reader holds neither a connection nor a snapshot.
public sealed partial class SqliteJournal
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredEvent>> ReadLatestAsync(EventKind kind, int most)
    {
        var latest = new List<StoredEvent>();
        await foreach (var stored in QueryEventsAsync(new EventQuery { Kind = kind, Last = most }, CancellationToken.None).ConfigureAwait(false))
            latest.Add(stored);
        return latest;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredEvent> QueryEventsAsync(EventQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var spools = await _readers.ReadAsync(database => ReadSpools(database).OrderBy(s => s.Id, StringComparer.Ordinal).ToList(), cancel)
            .ConfigureAwait(false);
        var (at, after) = query.Last is { } last
            ? await _readers.ReadAsync(database => FindStart(database, spools, query, last), cancel).ConfigureAwait(false)
            : (0, spools.Count > 0 ? query.AfterIn(spools[0].Id) : 0);
        var left = query.Last ?? long.MaxValue;

        while (at < spools.Count && left > 0)
        {
            var (spool, from) = (spools[at], after);
            var page = await _readers.ReadAsync(database => ReadPage(database, spool, from, query), cancel).ConfigureAwait(false);
            foreach (var stored in page)
            {
                if (left-- == 0)
                    yield break;
                yield return stored;
            }

            if (page.Count == PageRows)
                after = page[^1].Seq;
            else if (++at < spools.Count)
                after = query.AfterIn(spools[at].Id);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The place before the first session of all, or before the n-th from the end.
        (long OpenedAt, string Id) after = (long.MinValue, "");
        if (query.Last is { } last)
        {
            if (last <= 0)
                yield break;
            after = await _readers.ReadAsync(database => FindPlaceBeforeLast(database, query, last), cancel).ConfigureAwait(false) ?? after;
        }

        var left = query.Last ?? long.MaxValue;
        while (true)
        {
            var from = after;
            var page = await _readers.ReadAsync(database =>
            {
                var sessions = new List<SessionRecord>();
                var rows = BindFilters(database[Sql.QuerySessions], query).Bind(1, from.OpenedAt).Bind(2, from.Id).Bind(8, PageRows);
                while (rows.Step())
                    sessions.Add(SessionRow.Read(rows));
                return sessions;
            }, cancel).ConfigureAwait(false);

            foreach (var session in page)
            {
                if (left-- == 0)
                    yield break;
                yield return session;
            }
            if (page.Count < PageRows)
                yield break;
            after = (Times.ToMicroseconds(page[^1].OpenedAt), page[^1].Id);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel) =>
        _readers.ReadAsync<IReadOnlyList<OpenSessions>>(database =>
        {
            var groups = new List<OpenSessions>();
            var rows = database[Sql.CountOpenSessions].Bind(1, WordOf(by)).Bind(2, GlobPattern.From(user)).Bind(3, GlobPattern.From(host));
            while (rows.Step())
                groups.Add(new OpenSessions(rows.Text(0), rows.Integer(1), rows.Integer(2), rows.Integer(3)));
            return groups;
        }, cancel);

    private static string WordOf(SessionGroup by) => by switch
    {
        SessionGroup.User => "user",
        SessionGroup.Host => "host",
        SessionGroup.Remote => "remote",
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, null),
    };

    private List<StoredEvent> ReadPage(Database database, (long Num, string Id, long Last) spool, long after, EventQuery query)
    {
        var page = new List<StoredEvent>();
        using var events = new MergedEvents(database, Sql.QueryEvents, backwards: false, Shards, spool.Num, after, query);
        while (page.Count < PageRows && events.Next() is { } row)
            page.Add(EventRows.Read(row, spool.Id));
        return page;
    }

    /// <summary>The spool, and the seq in it, after which the last n that fit begin.</summary>
    private (int Spool, long After) FindStart(Database database, List<(long Num, string Id, long Last)> spools, EventQuery query, int last)
    {
        var found = 0L;
        for (var at = spools.Count - 1; at >= 0; at--)
        {
            var after = query.AfterIn(spools[at].Id);
            using var events = new MergedEvents(database, Sql.QueryEventsBackwards, backwards: true, Shards, spools[at].Num, after, query);
            while (events.Next() is { } row)
            {
                if (++found >= last)
                    return (at, row.Integer(0) - 1);
            }
        }
        return (0, spools.Count > 0 ? query.AfterIn(spools[0].Id) : 0);
    }

    private static (long OpenedAt, string Id)? FindPlaceBeforeLast(Database database, SessionQuery query, int last)
    {
        var row = BindFilters(database[Sql.QuerySessionsBackwards], query).Bind(8, last);
        (long, string)? place = row.Step() ? (row.Integer(0), row.Text(1)) : null;
        row.Reset();
        return place;
    }

    private static Statement BindFilters(Statement rows, SessionQuery query) => rows
        .Bind(3, query.Open is { } open ? (open ? 1 : 0) : null)
        .Bind(4, query.Since is { } since ? Times.ToMicroseconds(since) : null)
        .Bind(5, query.Until is { } until ? Times.ToMicroseconds(until) : null)
        .Bind(6, GlobPattern.From(query.User))
        .Bind(7, GlobPattern.From(query.Host));
}
