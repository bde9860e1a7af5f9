using System.Runtime.CompilerServices;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Postgres;

// Streams for people: page by page, so that a slow reader holds neither a connection nor a snapshot.
public sealed partial class PostgresJournal
{
    // Seqs of a spool have no gaps, so a window of them is a page over all shards without reading more than it shows. Where a filter lets few
    // pass, or retention has left a hole, the windows grow.
    private const long FirstWindow = 500;
    private const long LongestWindow = 1 << 16;

    private int[] OwnShards => [.. Enumerable.Range(0, Shards).Where(s => _options.Place?.Has(s) ?? true)];

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredEvent> QueryEventsAsync(EventQuery query, CancellationToken cancel) => QueryEventsAsync(query, null, cancel);

    /// <summary>As <see cref="QueryEventsAsync(EventQuery, CancellationToken)"/>, but of each spool only what is named, and up to that seq; null for all.</summary>
    internal async IAsyncEnumerable<StoredEvent> QueryEventsAsync(
        EventQuery query, IReadOnlyDictionary<string, long>? upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        var spools = (await ReadSpoolHeadsAsync(cancel).ConfigureAwait(false)).OrderBy(s => s.Id, StringComparer.Ordinal)
            .Select(s => upTo is null ? s : s with { Last = Math.Min(s.Last, upTo.GetValueOrDefault(s.Id)) }).ToList();
        var (at, after) = query.Last is { } last
            ? await FindStartAsync(spools, query, last, cancel).ConfigureAwait(false)
            : (0, 0);
        var left = query.Last ?? long.MaxValue;

        for (; at < spools.Count && left > 0; at++, after = 0)
        {
            var (num, id, end) = spools[at];
            after = Math.Max(after, query.AfterIn(id));
            // A follower asks for all spools whenever one of them has grown.
            if (after >= end)
                continue;
            after = Math.Max(after, await FirstSeqAsync(num, cancel).ConfigureAwait(false) - 1);
            for (var window = FirstWindow; after < end && left > 0;)
            {
                var (from, to) = (after, Math.Min(end, after + window));
                var page = await ReadWindowAsync(
                    r => EventRow.Read(r, id), SqlTexts.QueryEvents, query, spools[at], from, to, PageRows, cancel).ConfigureAwait(false);
                foreach (var stored in page)
                {
                    if (left-- == 0)
                        yield break;
                    yield return stored;
                }
                after = page.Count == PageRows ? page[^1].Seq : to;
                window = page.Count < PageRows / 2 ? Math.Min(window * 2, LongestWindow) : window;
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The place before the first session of all, or before the n-th from the end.
        (DateTimeOffset OpenedAt, string Id) after = (DateTimeOffset.MinValue, "");
        if (query.Last is { } last)
        {
            if (last <= 0)
                yield break;
            var place = await _server.ReadAsync(connection => connection.ReadAsync(
                r => (r.Time(0), r.GetString(1)), SqlTexts.QuerySessionsBackwards, Values(query, (long)last)), cancel).ConfigureAwait(false);
            after = place.Count > 0 ? place[0] : after;
        }

        for (var left = query.Last ?? long.MaxValue; ;)
        {
            var from = after;
            var page = await _server.ReadAsync(connection => connection.ReadAsync(
                SessionRow.Read, SqlTexts.QuerySessions, Values(query, from.OpenedAt, from.Id, PageRows)), cancel).ConfigureAwait(false);
            foreach (var session in page)
            {
                if (left-- == 0)
                    yield break;
                yield return session;
            }
            if (page.Count < PageRows)
                yield break;
            after = (page[^1].OpenedAt, page[^1].Id);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel) =>
        await _server.ReadAsync(connection => connection.ReadAsync(
            r => new OpenSessions(r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)),
            SqlTexts.CountOpenSessions, Words<SessionGroup>.Of(by), LikePattern.From(user), LikePattern.From(host)), cancel).ConfigureAwait(false);

    /// <summary>The spool, and the seq in it, after which the last n that fit begin.</summary>
    private async Task<(int Spool, long After)> FindStartAsync(
        List<(int Num, string Id, long Last)> spools, EventQuery query, long last, CancellationToken cancel)
    {
        var left = last;
        for (var at = spools.Count - 1; at >= 0 && left > 0; at--)
        {
            var first = Math.Max(query.AfterIn(spools[at].Id), await FirstSeqAsync(spools[at].Num, cancel).ConfigureAwait(false) - 1);
            var to = spools[at].Last;
            for (var window = FirstWindow; to > first;)
            {
                var (from, upTo, most) = (Math.Max(first, to - window), to, Math.Min(left, LongestWindow));
                var seqs = await ReadWindowAsync(
                    r => r.GetInt64(0), SqlTexts.QueryEventsBackwards, query, spools[at], from, upTo, most, cancel).ConfigureAwait(false);
                left -= seqs.Count;
                if (left <= 0)
                    return (at, seqs[^1] - 1);
                to = seqs.Count == most ? seqs[^1] - 1 : from;
                window = Math.Min(window * 2, LongestWindow);
            }
        }
        return (0, 0);
    }

    private Task<long> FirstSeqAsync(int spool, CancellationToken cancel) =>
        _server.ReadAsync(connection => connection.ReadOneAsync<long>(SqlTexts.ReadFirstSeq, spool), cancel);

    private Task<List<T>> ReadWindowAsync<T>(
        Func<NpgsqlDataReader, T> row, string sql, EventQuery query, (int Num, string Id, long Last) spool, long after, long upTo, long most,
        CancellationToken cancel) => _server.ReadAsync(async connection =>
    {
        if (await SpoolDays.AllAsync(connection, spool.Id, after, upTo).ConfigureAwait(false) is not { } days)
            return [];
        var from = query.Since > days.From ? query.Since.Value : days.From;
        var until = query.Until < days.Until ? query.Until.Value : days.Until;
        return await connection.ReadAsync(
            row, sql, OwnShards, spool.Num, after, upTo, from, until, query.Kind is { } kind ? Names.Of(kind) : null,
            LikePattern.From(query.User), LikePattern.From(query.Path), most).ConfigureAwait(false);
    }, cancel);

    private static object?[] Values(SessionQuery query, params object?[] place) =>
        [query.Open, query.Since, query.Until, LikePattern.From(query.User), LikePattern.From(query.Host), .. place];
}
