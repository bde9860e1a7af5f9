namespace FtpActors.Actors;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryState
{
    /// <summary>To be tried at its time.</summary>
    Due,
    /// <summary>Every action of its rule succeeded.</summary>
    Done,
    /// <summary>Dead letter: its tries are used up, or an action failed in a way that trying again cannot mend.</summary>
    Dead,
    /// <summary>Taken off by a person.</summary>
    Dropped,
}

/// <summary>A delivery to be made: one rule's actions owed for one event or session end.</summary>
/// <param name="Key">Idempotency key, the same over all tries and after any replay of the same step; storing a key twice changes nothing.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Trigger">What fired: a kind of event, <c>session_start</c>, <c>session_end</c>, …</param>
/// <param name="Session">Id of the session, null when it has none.</param>
/// <param name="Ordered">Waits until every earlier ordered delivery of the session is over.</param>
/// <param name="OnHost">Only the node of this host may run it; null for any node.</param>
/// <param name="Facts">What the actions are told, as a JSON object.</param>
/// <param name="DueAt">Not before this time.</param>
/// <param name="Replay">Id of the replay that made it, null for the live way.</param>
public sealed record NewDelivery(
    string Key, string Rule, string Trigger, string? Session, bool Ordered, string? OnHost, string Facts, DateTimeOffset DueAt, string? Replay);

/// <summary>A stored delivery.</summary>
/// <param name="Id">Number in this journal; later deliveries have higher ones.</param>
/// <param name="Shard">Shard of its session.</param>
/// <param name="Delivery">What is owed; <see cref="NewDelivery.DueAt"/> moves with every try.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Step">Index of the action of the rule's chain that is next; the ones before it succeeded.</param>
/// <param name="Attempt">Failed tries of that action so far.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="FinishedAt">When it was done, dead or dropped.</param>
public sealed record DeliveryRecord(
    long Id, int Shard, NewDelivery Delivery, DeliveryState State, int Step, int Attempt, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>One try of one action.</summary>
/// <param name="Number">1 for the first try of the delivery, and so on over all its actions.</param>
/// <param name="Step">Index of the action in the chain.</param>
/// <param name="Node">Node that ran it.</param>
/// <param name="StartedAt">Start.</param>
/// <param name="EndedAt">End.</param>
/// <param name="Succeeded">Whether it did what it should.</param>
/// <param name="Code">Exit code or HTTP status, null when there was none.</param>
/// <param name="Summary">The outcome in a sentence.</param>
/// <param name="FirstOutput">Beginning of its output.</param>
/// <param name="LastOutput">End of its output, "" when the beginning has all of it.</param>
public sealed record DeliveryTry(
    int Number, int Step, string Node, DateTimeOffset StartedAt, DateTimeOffset EndedAt, bool Succeeded, int? Code, string Summary,
    string FirstOutput, string LastOutput);

/// <summary>Filters for deliveries; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record DeliveryQuery
{
    /// <summary>Only these.</summary>
    public IReadOnlyList<long>? Ids { get; init; }
    /// <summary>Only of this rule.</summary>
    public string? Rule { get; init; }
    /// <summary>Only in this state.</summary>
    public DeliveryState? State { get; init; }
    /// <summary>Only of this user (of the facts).</summary>
    public string? User { get; init; }
    /// <summary>Created at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Created before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only of this replay.</summary>
    public string? Replay { get; init; }
    /// <summary>Only those whose id is higher.</summary>
    public long? After { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}
