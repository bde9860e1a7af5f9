using System.Runtime.CompilerServices;
using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres.Spread;

// What people ask: of all servers, merged.
public sealed partial class SpreadJournal
{
    /// <summary>
    /// Each spool up to the seq that every server has: one of them may be behind, and whoever reads on from the last event of a list must not
    /// have passed over what it lacks.
    /// </summary>
    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredEvent> QueryEventsAsync(EventQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var heads = await OfAllAsync(s => s.ReadHeadsAsync(cancel)).ConfigureAwait(false);
        var upTo = heads[0].Where(spool => heads.All(h => h.ContainsKey(spool.Key)))
            .ToDictionary(spool => spool.Key, spool => heads.Min(h => h[spool.Key]), StringComparer.Ordinal);
        await foreach (var stored in Merged.LastOf(() => OnceAsync(_servers.Select(s => s.QueryEventsAsync(query, upTo, cancel)), cancel), query.Last, cancel)
            .ConfigureAwait(false))
            yield return stored;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, CancellationToken cancel) => Merged.LastOf(
        () => Merged.Of(_servers.Select(s => s.QuerySessionsAsync(query, cancel)), CompareOpening, cancel), query.Last, cancel);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel) =>
        [.. (await OfAllAsync(s => s.CountOpenSessionsAsync(by, user, host, cancel)).ConfigureAwait(false)).SelectMany(s => s)
            .GroupBy(s => s.Name, StringComparer.Ordinal)
            .Select(g => new OpenSessions(g.Key, g.Sum(s => s.Sessions), g.Sum(s => s.Uploading), g.Sum(s => s.Downloading)))
            .OrderByDescending(s => s.Sessions).ThenBy(s => s.Name, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShardStatus>> ReadBacklogAsync()
    {
        var lines = await OfAllAsync(s => s.ReadBacklogAsync()).ConfigureAwait(false);
        // Every server has a row for every shard, and works on its own.
        return [.. lines.SelectMany((l, server) => l.Where(s => _map.ServerOf(s.Shard) == server)).OrderBy(s => s.Shard)];
    }

    // What stands in every shard (a restart) stands on every server.
    private static async IAsyncEnumerable<StoredEvent> OnceAsync(
        IEnumerable<IAsyncEnumerable<StoredEvent>> servers, [EnumeratorCancellation] CancellationToken cancel)
    {
        StoredEvent? before = null;
        await foreach (var stored in Merged.Of(servers, CompareSeqs, cancel).ConfigureAwait(false))
        {
            if (before is not null && CompareSeqs(before, stored) == 0)
                continue;
            before = stored;
            yield return stored;
        }
    }

    private static int CompareSeqs(StoredEvent a, StoredEvent b) =>
        string.CompareOrdinal(a.Spool, b.Spool) is not 0 and var spools ? spools : a.Seq.CompareTo(b.Seq);

    private static int CompareOpening(SessionRecord a, SessionRecord b) =>
        a.OpenedAt.CompareTo(b.OpenedAt) is not 0 and var times ? times : string.CompareOrdinal(a.Id, b.Id);
}
