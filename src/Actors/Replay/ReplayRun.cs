using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Reading;
using FtpActors.Protocol;

namespace FtpActors.Actors.Replay;

/// <summary>What a replay works with.</summary>
/// <param name="Journals">Where the events are.</param>
/// <param name="History">Where the sessions are, and what was made before.</param>
/// <param name="Handlers">Who owes what is made.</param>
/// <param name="Options">Windows and limits.</param>
/// <param name="Time">The clock.</param>
public sealed record ReplayContext(HandlerJournals Journals, HistoryDatabase History, AllHandlers Handlers, ShardOptions Options, TimeProvider Time);

/// <summary>
/// One replay from where it stands to its end: the events of every handler in the order of its rows, handlers in parallel, then the sessions. What it makes is one fact with
/// its place, so an interrupt at any point makes nothing twice and leaves nothing out.
/// </summary>
internal sealed class ReplayRun(ReplayContext context, string id, ReplayPlan plan, ReplayTally tally)
{
    /// <summary>About so many deliveries are made at once: bounds memory, and how long others wait for the handler.</summary>
    public const int MostDeliveries = 500;

    public ReplayPlan Plan => plan;

    public ReplayTally Tally => tally;

    public ReplayContext Context => context;

    public string Id => id;

    public DateTimeOffset Now => context.Time.GetUtcNow();

    public async Task RunAsync(CancellationToken cancel)
    {
        var places = await Task.WhenAll(Enumerable.Range(0, context.Journals.Count).Select(handler => context.Handlers.ReadPlaceAsync(handler, id))).ConfigureAwait(false);
        await BeginAsync(places, cancel).ConfigureAwait(false);
        if (plan.Scan.Kinds!.Count > 0)
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, context.Journals.Count), parallel, async (handler, stop) =>
                await new ReplayWalk(this, handler).RunAsync(places[handler], stop).ConfigureAwait(false)).ConfigureAwait(false);
        }
        if (plan.Starts || plan.Ends)
            await new ReplaySessions(this).RunAsync(places, cancel).ConfigureAwait(false);
    }

    /// <summary>Stores a place and what was made on the way to it. A full disk is waited out.</summary>
    public async Task MoveAsync(int handler, long place, IReadOnlyList<NewDelivery> made, CancellationToken cancel)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await context.Handlers.AddAsync(handler, made, new ReplayPlace(id, place)).ConfigureAwait(false);
                // Also when an earlier try was stored whose answer was lost.
                tally.Made(made.Count);
                return;
            }
            catch (JournalUnavailableException)
            {
                await Task.Delay(backoff.Next(), context.Time, cancel).ConfigureAwait(false);
            }
        }
    }

    // What it did before an interrupt is known from what it left.
    private async Task BeginAsync(long[] places, CancellationToken cancel)
    {
        var (since, until) = (plan.Query.Since, plan.Query.Until);
        tally.Total(await context.History.CountEventsAsync(new IndexQuery { Since = since, Until = until }, cancel).ConfigureAwait(false));
        if (plan.Query.DryRun || places.All(place => place == 0))
            return;
        for (var handler = 0; handler < places.Length; handler++)
        {
            await context.History.ReachAsync(handler, (await context.Handlers.ReadStatusAsync(handler).ConfigureAwait(false)).Row, cancel).ConfigureAwait(false);
            tally.Read(await context.History.CountEventsAsync(
                new IndexQuery { Handler = handler, Since = since, Until = until, UpToRow = places[handler] }, cancel).ConfigureAwait(false));
        }
        tally.MadeBefore(await context.History.CountDeliveriesAsync(id, cancel).ConfigureAwait(false));
    }
}
