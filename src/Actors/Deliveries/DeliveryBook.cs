using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// What one handler owes: every delivery that is due, dead or taken off (a person may want it after all). Pure: it changes only by the handler's facts, so it is the same after a recovery.
/// </summary>
/// <param name="handler">Number of the handler.</param>
/// <param name="handlers">Number of all handlers: the numbers of deliveries are unique over them.</param>
internal sealed class DeliveryBook(int handler, int handlers)
{
    // Facts beyond it are read from the history when their delivery is tried: what waits for a receiver that is away for days must not fill the memory.
    private const long MostFactChars = 16 << 20;

    private readonly Dictionary<long, OwedDelivery> _owed = [];
    private DueLines? _due;
    private long _lastNumber;
    private long _factChars;

    private DueLines Due => _due ??= new DueLines(id => _owed[id]);

    /// <summary>One that is due, dead or taken off; null when it is none of these (any more).</summary>
    public OwedDelivery? Find(long id) => _owed.GetValueOrDefault(id);

    /// <inheritdoc cref="DueLines.At"/>
    public IEnumerable<OwedDelivery> DueAt(DateTimeOffset now, Func<DuePlace, bool> isShut, Func<long, bool> isLeftOut) => Due.At(now, isShut, isLeftOut);

    /// <inheritdoc cref="DueLines.NextAfter"/>
    public DateTimeOffset? NextDueAfter(DateTimeOffset now) => Due.NextAfter(now);

    /// <summary>Adds what is owed from now on.</summary>
    /// <returns>The deliveries with their numbers, as the history shows them.</returns>
    public IReadOnlyList<DeliveryRecord> Apply(DeliveriesPlanned planned) => Plan(planned.Deliveries, planned.At);

    /// <summary>Takes note of a try.</summary>
    /// <returns>What changed, as the history shows it: the delivery, unless a person took it off meanwhile, and what follows from it.</returns>
    public IReadOnlyList<DeliveryRecord> Apply(DeliveryTried tried)
    {
        // Dropped while it ran: the try is kept, and nothing follows.
        if (!_owed.TryGetValue(tried.Id, out var owed) || owed.State != DeliveryState.Due)
            return [];
        var next = owed with
        {
            Delivery = owed.Delivery with { DueAt = tried.DueAt },
            State = tried.State, Step = tried.Step, Attempt = tried.Attempt, Tries = owed.Tries + 1,
            FinishedAt = tried.State == DeliveryState.Due ? null : tried.Try.EndedAt,
        };
        Replace(owed, next);
        return [next.Record(handler), .. Plan(tried.Followups, tried.Try.EndedAt)];
    }

    /// <summary>Does what a person ordered.</summary>
    /// <returns>What changed.</returns>
    public IReadOnlyList<DeliveryRecord> Apply(DeliveriesOrdered ordered)
    {
        var changed = new List<DeliveryRecord>();
        foreach (var id in ordered.Ids)
        {
            if (!_owed.TryGetValue(id, out var owed))
                continue;
            var next = Ordered(owed, ordered);
            Replace(owed, next);
            // What is forgotten has left the history already.
            if (ordered.Order != DeliveryOrder.Forget)
                changed.Add(next.Record(handler));
        }
        return changed;
    }

    /// <summary>As it is now.</summary>
    public DeliveryBookSnapshot Snapshot() => new(_lastNumber, [.. _owed.Values.Select(WithoutFacts).OrderBy(o => o.Id)]);

    /// <summary>Goes on from a snapshot; before the first fact.</summary>
    public void Restore(DeliveryBookSnapshot snapshot)
    {
        _lastNumber = snapshot.LastNumber;
        foreach (var owed in snapshot.Owed)
            Insert(owed);
    }

    private static OwedDelivery Ordered(OwedDelivery owed, DeliveriesOrdered ordered) => (ordered.Order, owed.State) switch
    {
        (DeliveryOrder.Drop, _) => owed with { State = DeliveryState.Dropped, FinishedAt = ordered.At },
        (DeliveryOrder.Forget, _) => owed with { State = DeliveryState.Done },
        (_, DeliveryState.Due) => owed with { Attempt = 0, Delivery = owed.Delivery with { DueAt = ordered.At } },
        _ => owed with { State = DeliveryState.Due, Attempt = 0, FinishedAt = null, Delivery = owed.Delivery with { DueAt = ordered.At } },
    };

    private List<DeliveryRecord> Plan(IReadOnlyList<NewDelivery> deliveries, DateTimeOffset at)
    {
        var records = new List<DeliveryRecord>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            var owed = new OwedDelivery((_lastNumber++ * handlers) + handler + 1, delivery, at);
            records.Add(owed.Record(handler));
            Insert(_factChars + delivery.Facts.Length <= MostFactChars ? owed : WithoutFacts(owed));
        }
        return records;
    }

    private void Insert(OwedDelivery owed)
    {
        _owed.Add(owed.Id, owed);
        _factChars += owed.Delivery.Facts.Length;
        if (owed.State == DeliveryState.Due)
            Due.Add(owed);
    }

    private void Replace(OwedDelivery owed, OwedDelivery next)
    {
        if (owed.State == DeliveryState.Due && next.State == DeliveryState.Due)
        {
            _owed[owed.Id] = next;
            Due.Move(owed, next);
            return;
        }
        _factChars -= owed.Delivery.Facts.Length;
        if (owed.State == DeliveryState.Due)
            Due.Remove(owed);
        _owed.Remove(owed.Id);
        if (next.State == DeliveryState.Due)
            Insert(next);
        else if (next.State != DeliveryState.Done)
            Insert(WithoutFacts(next));
    }

    private static OwedDelivery WithoutFacts(OwedDelivery owed) => owed with { Delivery = owed.Delivery with { Facts = "" } };
}
