using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Protocol;

namespace FtpActors.Actors.Deliveries;

/// <summary>What people order about deliveries: found in the history, done by the handlers that owe them.</summary>
/// <param name="history">Where deliveries are found.</param>
/// <param name="handlers">Who owes them.</param>
public sealed class DeliveryDesk(HistoryDatabase history, AllHandlers handlers)
{
    // One row of a handler's journal; an error leaves the ones before it done.
    private const int MostAtOnce = 1000;

    /// <summary>
    /// Makes dead or dropped ones due again at the step that failed (and due ones due at once), with all tries before them. An ordered one takes its old place: later ones of
    /// its session wait for it again, but one that runs at the moment is not called back.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="JournalUnavailableException">A handler did not answer; those before it are retried.</exception>
    public Task<int> RetryAsync(DeliveryQuery query, CancellationToken cancel) => OrderAsync(query, DeliveryOrder.Retry, cancel);

    /// <summary>Takes due and dead ones off. A try that runs goes on to its end and is kept.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="JournalUnavailableException">A handler did not answer; those before it are taken off.</exception>
    public Task<int> DropAsync(DeliveryQuery query, CancellationToken cancel) => OrderAsync(query, DeliveryOrder.Drop, cancel);

    /// <summary>Drops deliveries that were done or taken off before a time, with their tries. Dead letters stay: they wait for a person.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="JournalUnavailableException">A handler did not answer.</exception>
    public async Task<long> ForgetAsync(DateTimeOffset before, CancellationToken cancel)
    {
        // The handlers hold what was taken off, in case a person wants it after all. What is done they have forgotten already.
        await OrderAsync(new DeliveryQuery { State = DeliveryState.Dropped, Until = before }, DeliveryOrder.Forget, cancel, d => d.FinishedAt < before).ConfigureAwait(false);
        return await history.DropDeliveriesAsync(before, cancel).ConfigureAwait(false);
    }

    private async Task<int> OrderAsync(DeliveryQuery query, DeliveryOrder order, CancellationToken cancel, Func<DeliveryRecord, bool>? fits = null)
    {
        var count = 0;
        var waiting = new Dictionary<int, List<long>>();
        await foreach (var delivery in history.QueryDeliveriesAsync(query, cancel).ConfigureAwait(false))
        {
            // Those that are over have nothing to be ordered about.
            if (delivery.State == DeliveryState.Done || fits?.Invoke(delivery) == false)
                continue;
            if (!waiting.TryGetValue(delivery.Shard, out var ids))
                waiting.Add(delivery.Shard, ids = []);
            ids.Add(delivery.Id);
            if (ids.Count < MostAtOnce)
                continue;
            count += await handlers.OrderAsync(delivery.Shard, order, ids).ConfigureAwait(false);
            waiting.Remove(delivery.Shard);
        }
        foreach (var (handler, ids) in waiting)
            count += await handlers.OrderAsync(handler, order, ids).ConfigureAwait(false);
        return count;
    }
}
