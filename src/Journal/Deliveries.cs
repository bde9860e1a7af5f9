namespace FtpActors.Journal;

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

/// <summary>What a try changed, stored in one transaction with the try itself. The try's number is given by the journal.</summary>
/// <param name="Shard">The delivery's shard.</param>
/// <param name="Epoch">Epoch of the owner; an old one is refused.</param>
/// <param name="Id">The delivery.</param>
/// <param name="State">New state.</param>
/// <param name="Step">New step.</param>
/// <param name="Attempt">New number of failed tries of that step.</param>
/// <param name="DueAt">When to try next, while <see cref="DeliveryState.Due"/>.</param>
/// <param name="Try">The try.</param>
/// <param name="Followups">Deliveries that follow from it (what to do on failure).</param>
public sealed record DeliveryProgress(
    int Shard, long Epoch, long Id, DeliveryState State, int Step, int Attempt, DateTimeOffset DueAt, DeliveryTry Try,
    IReadOnlyList<NewDelivery> Followups);

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
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}

/// <summary>What makes deliveries: it asks what may be tried, and stores what came of it.</summary>
public interface IDueDeliveries
{
    /// <summary>
    /// Deliveries of a shard that may be tried now on <paramref name="node"/>, the longest due first: their time has come, and no earlier
    /// ordered delivery of the same session is still due. Those in <paramref name="running"/> are left out (and still block their session), and
    /// so are those of <paramref name="busyRules"/>, which have no room for another one. Neither may change before the answer.
    /// </summary>
    Task<IReadOnlyList<DeliveryRecord>> ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit);

    /// <summary>
    /// When the next delivery of a shard that is not due yet will be; null when there is none. Those that wait behind an earlier one of their
    /// session do not count: read again when that one is over.
    /// </summary>
    Task<DateTimeOffset?> ReadNextDueAsync(int shard, string node, DateTimeOffset after);

    /// <summary>
    /// Whether the owner of a shard has had an answer of the journal's server within half its lease. When it has not, the shard may soon be
    /// another's: what it has begun goes on, but it begins nothing that cannot be taken back. Always true where no other node can take a shard.
    /// </summary>
    bool IsConfirmed(int shard, long epoch);

    /// <summary>
    /// Stores a try and what it changed. A delivery that is no longer due (a person dropped it while it ran) stays as it is, without
    /// followups; the try is kept.
    /// </summary>
    /// <exception cref="InvalidOperationException">The shard has no such delivery.</exception>
    /// <exception cref="ShardLostException">A newer owner has the shard; nothing was written.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored; may be tried again.</exception>
    Task StoreTryAsync(DeliveryProgress progress);
}

/// <summary>The deliveries of a journal: promise 6 of the design. New ones of live events come with <see cref="ShardStep.Deliveries"/>.</summary>
public interface IDeliveries : IDueDeliveries
{
    /// <summary>Adds deliveries outside a shard's step (a replay). Keys that are there already are passed over.</summary>
    /// <returns>How many were new.</returns>
    Task<int> AddAsync(int shard, IReadOnlyList<NewDelivery> deliveries);

    /// <summary>Deliveries for people, oldest first.</summary>
    IAsyncEnumerable<DeliveryRecord> QueryAsync(DeliveryQuery query, CancellationToken cancel);

    /// <summary>The tries of a delivery, oldest first.</summary>
    Task<IReadOnlyList<DeliveryTry>> ReadTriesAsync(long id);

    /// <summary>
    /// Makes dead or dropped ones due again at the step that failed (and due ones due at once), with all tries before them. An ordered one
    /// takes its old place: later ones of its session wait for it again, but one that runs at the moment is not called back.
    /// Done in parts: an error leaves the ones before it retried.
    /// </summary>
    /// <returns>The shards in which something became due, and how many deliveries there were.</returns>
    Task<(IReadOnlyList<int> Shards, int Count)> RetryAsync(DeliveryQuery query, DateTimeOffset now);

    /// <summary>Takes due and dead ones off. A try that runs goes on to its end and is kept. Done in parts, as a retry.</summary>
    /// <returns>How many.</returns>
    Task<int> DropAsync(DeliveryQuery query, DateTimeOffset now);

    /// <summary>Number of deliveries by rule and state.</summary>
    Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> CountAsync();
}
