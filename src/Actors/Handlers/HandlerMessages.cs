using Akka.Actor;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>Asks a handler how it does; answered with <see cref="HandlerStatus"/>.</summary>
/// <param name="Handler">The handler.</param>
public sealed record AskStatus(int Handler) : IForHandler;

/// <summary>How a handler does.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Row">Sequence number of the last row of its journal.</param>
/// <param name="OpenSessions">Sessions that are open.</param>
/// <param name="Waiting">Events that it has and that nobody sees in the history yet.</param>
/// <param name="OldestWaiting">When the oldest of these was received.</param>
/// <param name="Places">Where it stands: spool, last seq in its journal.</param>
/// <param name="Duplicates">Duplicates dropped since the journal was made.</param>
/// <param name="Reordered">Events put back in order since the journal was made.</param>
/// <param name="Damaged">Rows that could not be read since the journal was made.</param>
/// <param name="Node">Name of the node where it lives.</param>
public sealed record HandlerStatus(
    int Handler, long Row, int OpenSessions, int Waiting, DateTimeOffset? OldestWaiting, IReadOnlyList<KeyValuePair<string, long>> Places, long Duplicates, long Reordered,
    long Damaged, string Node);

/// <summary>Adds deliveries that follow from no row (a notice of the node, a replay); answered with <see cref="DeliveriesAdded"/>.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Deliveries">What is owed.</param>
/// <param name="Replay">How far the replay has come that made them; null when none did. A place at or before the one it stands at adds nothing.</param>
public sealed record AddDeliveries(int Handler, IReadOnlyList<NewDelivery> Deliveries, ReplayPlace? Replay = null) : IForHandler;

/// <summary>Deliveries are in the journal.</summary>
/// <param name="Count">How many were added.</param>
public sealed record DeliveriesAdded(int Count);

/// <summary>Asks how far a replay has come in a handler; answered with <see cref="ReplayPlace"/>.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Replay">The replay.</param>
public sealed record AskReplayPlace(int Handler, string Replay) : IForHandler;

/// <summary>Orders something about deliveries; answered with <see cref="DeliveriesChanged"/>.</summary>
/// <param name="Handler">The handler of all of them.</param>
/// <param name="Order">What.</param>
/// <param name="Ids">Which.</param>
public sealed record OrderDeliveries(int Handler, DeliveryOrder Order, IReadOnlyList<long> Ids) : IForHandler;

/// <summary>An order is done.</summary>
/// <param name="Count">Deliveries that it had a meaning for.</param>
public sealed record DeliveriesChanged(int Count);

/// <summary>The rules have changed, a slot for actions is free, or a host is back: a handler looks for deliveries that may run.</summary>
internal sealed record LookAtDeliveries : INoSerializationVerificationNeeded
{
    /// <summary>The one.</summary>
    public static LookAtDeliveries Instance { get; } = new();
}

/// <summary>An entity is to end, because another node gets its handler: what the handler has in hand comes to its end first.</summary>
public sealed record HandOver : INoSerializationVerificationNeeded
{
    /// <summary>The one.</summary>
    public static HandOver Instance { get; } = new();
}

/// <summary>Drops rows of a handler's journal; answered with <see cref="RowsDropped"/>.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="UpTo">Up to this row; those after its last snapshot stay.</param>
public sealed record DropRows(int Handler, long UpTo) : IForHandler;

/// <summary>Rows were dropped.</summary>
/// <param name="UpTo">Up to this row; 0 when none could be.</param>
public sealed record RowsDropped(long UpTo);

/// <summary>A handler is to begin nothing more and to finish what it has; answered with <see cref="HandlerQuiet"/>.</summary>
/// <param name="Handler">The handler.</param>
public sealed record QuietHandler(int Handler) : IForHandler;

/// <summary>A handler has finished what it had.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Cut">Actions that did not end in their time of grace; they run again.</param>
public sealed record HandlerQuiet(int Handler, int Cut);

/// <summary>Published on the event stream when events have become durable in a handler's journal.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Events">The events.</param>
public sealed record EventsStored(int Handler, EventsTaken Events) : INoSerializationVerificationNeeded;

/// <summary>Published on the event stream when the sessions have applied events and what the rules owe for them is in the journal.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Events">The events.</param>
public sealed record EventsApplied(int Handler, EventsTaken Events) : INoSerializationVerificationNeeded;
