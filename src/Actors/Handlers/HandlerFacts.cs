using FtpActors.Protocol;

namespace FtpActors.Actors.Handlers;

/// <summary>What a handler's journal holds: facts, one row each. Everything else about its sessions and deliveries follows from them.</summary>
public abstract record HandlerFact;

/// <summary>Events of one spool in a row.</summary>
/// <param name="Spool">Id of the spool.</param>
/// <param name="Host">Name of its host.</param>
/// <param name="Horizon">Everything that the spool's sources received before this time is in this row or an earlier one; null when that is not known.</param>
/// <param name="Events">The events, ascending; may be empty when only the horizon moved.</param>
public sealed record SpoolPart(string Spool, string Host, DateTimeOffset? Horizon, IReadOnlyList<StoredEvent> Events);

/// <summary>Events were taken.</summary>
/// <param name="PlannedUpTo">What the rules owe for the rows up to this one had been planned when it was written.</param>
/// <param name="Parts">The events by spool, in the order they came.</param>
public sealed record EventsTaken(long PlannedUpTo, IReadOnlyList<SpoolPart> Parts) : HandlerFact;

/// <summary>What the rules in force owed for some rows. The deliveries have their ids by their order in the journal.</summary>
/// <param name="UpTo">The last of these rows; 0 for what has nothing to do with rows (a notice, a replay).</param>
/// <param name="At">When it was planned.</param>
/// <param name="Deliveries">What is owed.</param>
/// <param name="Replay">How far the replay has come that made them; null when none did.</param>
public sealed record DeliveriesPlanned(long UpTo, DateTimeOffset At, IReadOnlyList<NewDelivery> Deliveries, ReplayPlace? Replay = null) : HandlerFact;

/// <summary>How far a replay has come in a handler's journal.</summary>
/// <param name="Id">The replay.</param>
/// <param name="Row">Everything up to this row has been replayed; above every row when its sessions are being replayed.</param>
public sealed record ReplayPlace(string Id, long Row);

/// <summary>A try of a delivery ended.</summary>
/// <param name="Id">The delivery.</param>
/// <param name="State">Its new state.</param>
/// <param name="Step">Index of the action that is next.</param>
/// <param name="Attempt">Failed tries of that action.</param>
/// <param name="DueAt">When to try next, while it is due.</param>
/// <param name="Try">The try.</param>
/// <param name="Followups">Deliveries that follow from it.</param>
public sealed record DeliveryTried(
    long Id, DeliveryState State, int Step, int Attempt, DateTimeOffset DueAt, DeliveryTry Try, IReadOnlyList<NewDelivery> Followups) : HandlerFact;

/// <summary>What can be ordered about deliveries.</summary>
public enum DeliveryOrder
{
    /// <summary>To be tried again now, at the step that failed.</summary>
    Retry,
    /// <summary>To be taken off.</summary>
    Drop,
    /// <summary>Retention has removed what was taken off long ago.</summary>
    Forget,
}

/// <summary>Something was ordered about deliveries.</summary>
/// <param name="Order">What.</param>
/// <param name="At">When.</param>
/// <param name="Ids">Which; those for which it had no meaning are not among them.</param>
public sealed record DeliveriesOrdered(DeliveryOrder Order, DateTimeOffset At, IReadOnlyList<long> Ids) : HandlerFact;

/// <summary>A row that cannot be read: what it held is missing, and the rest goes on.</summary>
/// <param name="Manifest">What kind of row it was.</param>
/// <param name="Reason">What is wrong with it, for a person.</param>
/// <param name="Bytes">As they are stored.</param>
public sealed record DamagedRow(string Manifest, string Reason, byte[] Bytes) : HandlerFact;
