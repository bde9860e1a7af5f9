using System.Runtime.CompilerServices;
using FtpActors.Actors.History;
using FtpActors.Protocol;

namespace FtpActors.Actors.Reading;

/// <summary>Stored events for people. Safe from any thread.</summary>
/// <param name="journals">Where they are.</param>
public sealed class StoredEventsReader(HandlerJournals journals)
{
    // Seqs of the first look back for the last events that fit; each further one is four times as wide.
    private const long FirstLook = 2000;

    private long _read;

    /// <summary>Events looked at so far; for the progress, from any thread.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Those that fit, ordered by spool and seq, each once.</summary>
    public IAsyncEnumerable<StoredEvent> QueryAsync(EventQuery query, CancellationToken cancel) => QueryAsync(query, null, cancel);

    /// <summary>Those that fit, ordered by spool and seq, each once.</summary>
    /// <param name="query">What is asked for.</param>
    /// <param name="rows">The last row of each handler that is looked at; null for all that there are.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<StoredEvent> QueryAsync(EventQuery query, IReadOnlyList<long>? rows, [EnumeratorCancellation] CancellationToken cancel)
    {
        var spools = await journals.ReadEndsAsync(cancel).ConfigureAwait(false);
        if (query.Last is { } last)
        {
            foreach (var stored in await ReadLastAsync(spools, query, rows, last, cancel).ConfigureAwait(false))
                yield return stored;
            yield break;
        }
        foreach (var spool in spools.Keys.Where(s => query.After is not { } after || string.CompareOrdinal(s, after.Spool) >= 0))
        {
            var from = query.After is { } place && place.Spool == spool ? place.Seq + 1 : 1;
            await foreach (var stored in MergeAsync(spool, from, long.MaxValue, query, rows, cancel).ConfigureAwait(false))
                yield return stored;
        }
    }

    /// <summary>Events of a handler's rows in the order of the rows, page by page; every page moves the position, also where nothing fits.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="after">The row before the first.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<ScanPage> ScanAsync(int handler, long after, ScanQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var index = new IndexQuery { Handler = handler, AfterRow = after, Since = query.Since, Until = query.Until };
        await foreach (var (row, taken) in journals.FindAsync(index, cancel).ConfigureAwait(false))
        {
            var (read, events) = (0, new List<StoredEvent>());
            foreach (var stored in taken.Parts.SelectMany(p => p.Events))
            {
                read++;
                if (Fits(query, stored.Event))
                    events.Add(stored);
            }
            Interlocked.Add(ref _read, read);
            yield return new ScanPage(row, read, events);
        }
    }

    private static bool Fits(ScanQuery query, FtpEvent e) =>
        query.Kinds?.Contains(e.Kind) != false && (query.Since is not { } since || e.ReceivedAt >= since) && (query.Until is not { } until || e.ReceivedAt < until);

    private async Task<List<StoredEvent>> ReadLastAsync(
        IReadOnlyDictionary<string, long> spools, EventQuery query, IReadOnlyList<long>? rows, int last, CancellationToken cancel)
    {
        var found = new List<StoredEvent>();
        foreach (var (spool, end) in spools.Reverse())
        {
            var width = Math.Max(FirstLook, 2L * last);
            for (var upTo = end; upTo > 0 && found.Count < last; upTo -= width, width *= 4)
            {
                var part = new List<StoredEvent>();
                await foreach (var stored in MergeAsync(spool, Math.Max(1, upTo - width + 1), upTo, query, rows, cancel).ConfigureAwait(false))
                    part.Add(stored);
                found.InsertRange(0, part);
            }
        }
        return found.Count > last ? found[^last..] : found;
    }

    // What each handler has of a spool ascends: the lowest of their next ones is the next of all. The restart of a server stands in each and is told once.
    private async IAsyncEnumerable<StoredEvent> MergeAsync(
        string spool, long from, long to, EventQuery query, IReadOnlyList<long>? rows, [EnumeratorCancellation] CancellationToken cancel)
    {
        var next = new PriorityQueue<IAsyncEnumerator<StoredEvent>, long>();
        var all = Enumerable.Range(0, journals.Count).Select(h => ReadAsync(h, spool, from, to, query, rows?[h], cancel).GetAsyncEnumerator(cancel)).ToList();
        try
        {
            foreach (var one in all)
            {
                if (await one.MoveNextAsync().ConfigureAwait(false))
                    next.Enqueue(one, one.Current.Seq);
            }
            var told = 0L;
            while (next.TryDequeue(out var lowest, out var seq))
            {
                if (seq != told)
                    yield return lowest.Current;
                told = seq;
                if (await lowest.MoveNextAsync().ConfigureAwait(false))
                    next.Enqueue(lowest, lowest.Current.Seq);
            }
        }
        finally
        {
            foreach (var one in all)
                await one.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<StoredEvent> ReadAsync(
        int handler, string spool, long from, long to, EventQuery query, long? upToRow, [EnumeratorCancellation] CancellationToken cancel)
    {
        var index = new IndexQuery { Handler = handler, Spool = spool, Since = query.Since, Until = query.Until, FromSeq = from, ToSeq = to, UpToRow = upToRow };
        await foreach (var (_, taken) in journals.FindAsync(index, cancel).ConfigureAwait(false))
        {
            foreach (var part in taken.Parts)
            {
                if (part.Spool != spool)
                    continue;
                Interlocked.Add(ref _read, part.Events.Count);
                foreach (var stored in part.Events)
                {
                    if (stored.Seq >= from && stored.Seq <= to && EventMatch.Matches(query, stored.Event))
                        yield return stored;
                }
            }
        }
    }
}
