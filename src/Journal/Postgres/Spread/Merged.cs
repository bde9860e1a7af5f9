using System.Runtime.CompilerServices;

namespace FtpActors.Journal.Postgres.Spread;

/// <summary>Streams of several servers as one; each is read no further than one element (and its page) ahead.</summary>
internal static class Merged
{
    /// <summary>The elements of streams that are each in order, in order.</summary>
    public static async IAsyncEnumerable<T> Of<T>(
        IEnumerable<IAsyncEnumerable<T>> streams, Comparison<T> order, [EnumeratorCancellation] CancellationToken cancel)
    {
        var heads = streams.Select(s => s.GetAsyncEnumerator(cancel)).ToList();
        try
        {
            var live = new List<IAsyncEnumerator<T>>();
            foreach (var head in heads)
            {
                if (await head.MoveNextAsync().ConfigureAwait(false))
                    live.Add(head);
            }
            while (live.Count > 0)
            {
                var next = live[0];
                foreach (var other in live)
                    next = order(other.Current, next.Current) < 0 ? other : next;
                yield return next.Current;
                if (!await next.MoveNextAsync().ConfigureAwait(false))
                    live.Remove(next);
            }
        }
        finally
        {
            foreach (var head in heads)
                await head.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The last elements of a stream that is read twice, first to count and then to pass over what comes before them: a person may ask for the
    /// last million, which no memory has to hold.
    /// </summary>
    /// <param name="stream">Begins it; it already has few more than those.</param>
    /// <param name="last">How many; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    public static async IAsyncEnumerable<T> LastOf<T>(
        Func<IAsyncEnumerable<T>> stream, int? last, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pass = 0L;
        if (last is not null)
        {
            pass = -last.Value;
            await foreach (var _ in stream().WithCancellation(cancel).ConfigureAwait(false))
                pass++;
        }
        var left = last ?? long.MaxValue;
        await foreach (var one in stream().WithCancellation(cancel).ConfigureAwait(false))
        {
            if (pass-- > 0)
                continue;
            // What has come since the count.
            if (left-- <= 0)
                yield break;
            yield return one;
        }
    }
}
