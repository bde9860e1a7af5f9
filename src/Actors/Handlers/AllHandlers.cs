using System.Globalization;
using Akka.Actor;
using FtpActors.Protocol.Shipping;
using FtpActors.Protocol;

namespace FtpActors.Actors.Handlers;

/// <summary>The handlers of a journal, for those who are no actors. Safe for callers on any thread.</summary>
/// <param name="actor">Takes messages for handlers.</param>
/// <param name="count">How many handlers there are.</param>
public sealed class AllHandlers(IActorRef actor, int count)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    // A person who asks how the node does waits for the answer.
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(2);

    /// <summary>How many there are.</summary>
    public int Count => count;

    /// <summary>How each of them does.</summary>
    /// <exception cref="JournalUnavailableException">One does not answer: it recovers, or its journal cannot be written.</exception>
    public Task<HandlerStatus[]> ReadStatusAsync() =>
        Task.WhenAll(Enumerable.Range(0, count).Select(handler => AskAsync<HandlerStatus>(new AskStatus(handler), StatusPatience)));

    /// <summary>How one of them does.</summary>
    /// <exception cref="JournalUnavailableException">It does not answer.</exception>
    public Task<HandlerStatus> ReadStatusAsync(int handler) => AskAsync<HandlerStatus>(new AskStatus(handler), Patience);

    /// <summary>How far a replay has come in one of them; 0 before it begins.</summary>
    /// <exception cref="JournalUnavailableException">It does not answer.</exception>
    public async Task<long> ReadPlaceAsync(int handler, string replay) =>
        (await AskAsync<ReplayPlace>(new AskReplayPlace(handler, replay), Patience).ConfigureAwait(false)).Row;

    /// <summary>Waits until all of them have recovered.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        for (var handler = 0; handler < count; handler++)
        {
            while (!await IsReadyAsync(handler).ConfigureAwait(false))
                cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Seq of the last event of a spool that any of them has; 0 when none has one.</summary>
    /// <exception cref="JournalUnavailableException">One does not answer.</exception>
    public async Task<long> ReadSpoolSeqAsync(string spool) => (await Task.WhenAll(
        Enumerable.Range(0, count).Select(handler => AskAsync<EventsStand>(new AskPosition(handler, spool), Patience))).ConfigureAwait(false)).Max(stand => stand.Seq);

    /// <summary>Adds deliveries that follow from no row of events.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="deliveries">What is owed.</param>
    /// <param name="replay">How far the replay has come that made them; null when none did. What it has added already is not added again.</param>
    /// <returns>How many were added.</returns>
    /// <exception cref="JournalUnavailableException">They are not known to be stored.</exception>
    public async Task<int> AddAsync(int handler, IReadOnlyList<NewDelivery> deliveries, ReplayPlace? replay = null) =>
        (await AskAsync<DeliveriesAdded>(new AddDeliveries(handler, deliveries, replay), Patience).ConfigureAwait(false)).Count;

    /// <summary>Orders something about deliveries of one handler.</summary>
    /// <returns>For how many it had a meaning.</returns>
    /// <exception cref="JournalUnavailableException">It is not known to be done.</exception>
    public async Task<int> OrderAsync(int handler, DeliveryOrder order, IReadOnlyList<long> ids) =>
        (await AskAsync<DeliveriesChanged>(new OrderDeliveries(handler, order, ids), Patience).ConfigureAwait(false)).Count;

    /// <summary>Drops rows of one handler's journal.</summary>
    /// <returns>The last row that is gone; 0 when none could be dropped.</returns>
    /// <exception cref="JournalUnavailableException">It is not known to be done.</exception>
    public async Task<long> DropRowsAsync(int handler, long upTo) =>
        (await AskAsync<RowsDropped>(new DropRows(handler, upTo), Patience).ConfigureAwait(false)).UpTo;

    /// <summary>Lets them finish what they have, and begin nothing more.</summary>
    /// <param name="grace">How long running actions may take; a little more is waited for all the rest.</param>
    /// <returns>Actions that did not end in time; they run again after the next start.</returns>
    public async Task<int> QuietAsync(TimeSpan grace)
    {
        var asked = Enumerable.Range(0, count).Select(handler => actor.Ask<HandlerQuiet>(new QuietHandler(handler), grace + Patience)).ToList();
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // One that did not answer has nothing running, or begins anew just now.
        return asked.Where(each => each.IsCompletedSuccessfully).Sum(each => each.Result.Cut);
    }

    private async Task<bool> IsReadyAsync(int handler)
    {
        try
        {
            await AskAsync<HandlerStatus>(new AskStatus(handler), TimeSpan.FromMilliseconds(500)).ConfigureAwait(false);
            return true;
        }
        catch (JournalUnavailableException)
        {
            return false;
        }
    }

    private async Task<T> AskAsync<T>(IForHandler message, TimeSpan patience)
    {
        try
        {
            return await actor.Ask<T>(message, patience).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"Handler {message.Handler} has not answered for {patience.TotalSeconds} s: it recovers, or its journal cannot be written; the log says which."), e);
        }
    }
}
