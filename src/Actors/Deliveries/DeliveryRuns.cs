using Akka.Actor;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// The deliveries of a handler that run right now, an actor each, as many as the node and the rules have slots for. What is due and finds no slot stays in the book, so
/// a slow action delays only its own rule and session.
/// </summary>
/// <param name="context">What the handlers of the node share.</param>
/// <param name="handler">Number of the handler.</param>
/// <param name="book">What it owes.</param>
/// <param name="actors">Makes the actors.</param>
internal sealed class DeliveryRuns(HandlerContext context, int handler, DeliveryBook book, IActorRefFactory actors)
{
    private readonly Dictionary<long, (IActorRef Actor, string Rule)> _running = [];

    /// <summary>Begins nothing more.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>How many run.</summary>
    public int Count => _running.Count;

    /// <summary>Begins what is due and has a slot.</summary>
    /// <returns>When to look again without being told; null when nothing waits for a time.</returns>
    public DateTimeOffset? Look(DateTimeOffset now)
    {
        if (IsQuiet)
            return null;
        var rules = context.Book.Rules;
        // A busy rule and a full node are looked at again when a slot is freed.
        foreach (var owed in book.DueAt(now, place => !context.Slots.HasFree(rules, place.Rule) || IsAway(place.OnHost), _running.ContainsKey))
            Begin(rules, owed);
        return book.NextDueAfter(now);
    }

    /// <summary>A try is in the journal and the book.</summary>
    public void Stored(DeliveryTried fact)
    {
        if (!_running.TryGetValue(fact.Id, out var run))
            return;
        // The next action of the chain, or the next try at its own time. One that was dropped meanwhile goes on with nothing.
        var next = fact is { State: DeliveryState.Due, Attempt: 0 } && book.Find(fact.Id) is { State: DeliveryState.Due } owed ? owed : null;
        run.Actor.Tell(new TryStored(next));
        if (next is null)
            Ended(fact.Id);
    }

    /// <summary>A delivery is for a host that is away; it is looked at again when the host is back.</summary>
    public void HostIsAway(long id) => Ended(id);

    /// <summary>Gives all slots back: the handler ends, and its actors with it.</summary>
    public void Abandon()
    {
        foreach (var id in _running.Keys.ToList())
            Ended(id);
    }

    private bool IsAway(string? host) => host is not null && host != context.Deliveries.Node && !context.Hosts.IsThere(host);

    private void Begin(RuleSet rules, OwedDelivery owed)
    {
        if (!context.Slots.TryTake(rules, owed.Delivery.Rule))
            return;
        var actor = actors.ActorOf(DeliveryActor.Props(context, handler, owed));
        _running.Add(owed.Id, (actor, owed.Delivery.Rule));
    }

    private void Ended(long id)
    {
        if (_running.Remove(id, out var run))
            context.Slots.Give(run.Rule);
    }
}
