using FtpActors.Protocol;

namespace FtpActors.Journal;

/// <summary>A message that could not be decoded, kept whole.</summary>
/// <param name="ReceivedAt">When our node received it.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Sender">Where it came from, when known: an address and port, a message type.</param>
/// <param name="Reason">Why it could not be decoded, for a person.</param>
/// <param name="Bytes">The message.</param>
public sealed record QuarantinedMessage(DateTimeOffset ReceivedAt, string Source, string? Sender, string Reason, byte[] Bytes);

/// <summary>A stored <see cref="QuarantinedMessage"/> and its number.</summary>
/// <param name="Id">Number in this journal, from 1.</param>
/// <param name="Message">The message.</param>
public sealed record QuarantineEntry(long Id, QuarantinedMessage Message);

/// <summary>
/// What one source hands over to be made durable, all or nothing, in one transaction.
/// </summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Events">Events in the order of the source.</param>
/// <param name="Quarantined">Messages of the same batch that could not be decoded.</param>
/// <param name="SourceState">The source's own bookmark (which messages it is about to remove, an offset), replaced as a whole; null leaves it.</param>
public sealed record SourceBatch(
    string Source, IReadOnlyList<FtpEvent> Events, IReadOnlyList<QuarantinedMessage> Quarantined, byte[]? SourceState = null);

/// <summary>A node's durable file of events in order of arrival. Safe for callers on any thread.</summary>
public interface ISpool
{
    /// <summary>Random id made with the file, 16 lower-case hex digits.</summary>
    string SpoolId { get; }

    /// <summary>
    /// Makes a batch durable (fsynced) and gives every event its seq; batches that wait at the same time share one fsync.
    /// Batches become durable in the order of the calls. An event with <see cref="EventFlags.ServerRestart"/> is given to every shard under
    /// its one seq.
    /// </summary>
    /// <returns>The seq of the first event (of the next one to come, when the batch has none).</returns>
    /// <exception cref="JournalUnavailableException">Nothing was stored (full disk, I/O error); the same batch may be handed over again.</exception>
    Task<long> AppendAsync(SourceBatch batch);

    /// <summary>The last stored events of a kind, oldest first; fewer when the spool has no more of them.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="most">Most events.</param>
    Task<IReadOnlyList<StoredEvent>> ReadLatestAsync(EventKind kind, int most);

    /// <summary>The last <see cref="SourceBatch.SourceState"/> of a source, null when there is none.</summary>
    Task<byte[]?> ReadSourceStateAsync(string source);
}

/// <summary>What a node could not decode. It stays beside the spool of the node that received it, which can release it there.</summary>
public interface IQuarantine
{
    /// <summary>Quarantined messages, oldest first.</summary>
    IAsyncEnumerable<QuarantineEntry> QueryQuarantineAsync(CancellationToken cancel);

    /// <summary>One quarantined message, null when there is none of that number.</summary>
    Task<QuarantineEntry?> ReadQuarantineAsync(long id);

    /// <summary>Replaces a quarantined message by the event it decodes to now, in one transaction; false when it was gone already.</summary>
    Task<bool> ReleaseQuarantineAsync(long id, FtpEvent e);
}

/// <summary>A position in a shard: everything of that spool up to and including <paramref name="Seq"/> has been applied or is held.</summary>
/// <param name="Spool">Spool id.</param>
/// <param name="Seq">Last seq.</param>
/// <param name="Held">Seqs at or below <paramref name="Seq"/> that were read but not yet applied, ascending (the sequencer waits).</param>
public sealed record Checkpoint(string Spool, long Seq, IReadOnlyList<long> Held);

/// <summary>What a node gets when it takes a shard.</summary>
/// <param name="Shard">Number of the shard, from 0.</param>
/// <param name="Epoch">Higher than any epoch before; every write carries it.</param>
/// <param name="Checkpoints">One per spool.</param>
/// <param name="OpenSessions">Sessions that have not ended.</param>
public sealed record ShardLease(
    int Shard, long Epoch, IReadOnlyList<Checkpoint> Checkpoints, IReadOnlyList<SessionRecord> OpenSessions);

/// <summary>
/// One step of a shard, one transaction: checkpoints, changed sessions, counters. Promise 4 of the design.
/// </summary>
/// <param name="Shard">The shard.</param>
/// <param name="Epoch">Epoch of the lease; a lower one than stored is refused with <see cref="ShardLostException"/>.</param>
/// <param name="Checkpoints">New positions of the spools that moved.</param>
/// <param name="Sessions">Sessions that changed. The caller does not touch them until the step is committed.</param>
/// <param name="Duplicates">Duplicates that the sequencer dropped in this step.</param>
/// <param name="Reordered">Events that the sequencer put back in order in this step.</param>
public sealed record ShardStep(
    int Shard, long Epoch, IReadOnlyList<Checkpoint> Checkpoints, IReadOnlyList<SessionRecord> Sessions, int Duplicates, int Reordered)
{
    /// <summary>Deliveries that the events of this step call for.</summary>
    public IReadOnlyList<NewDelivery> Deliveries { get; init; } = [];
}

/// <summary>Where the events of spools arrive: what a forwarder needs of the shared journal.</summary>
public interface ISpoolReceiver
{
    /// <inheritdoc cref="IJournal.AppendAsync"/>
    Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null);

    /// <summary>Last seq that has arrived of a spool; 0 when none has.</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be asked at the moment.</exception>
    Task<long> ReadSpoolSeqAsync(string spool);

    /// <summary>The event of a spool and seq, null when it has none (any more).</summary>
    /// <exception cref="JournalUnavailableException">The journal cannot be asked at the moment.</exception>
    Task<StoredEvent?> ReadSpooledAsync(string spool, long seq);

    /// <summary>Gives events up for lost: the spool stands at <paramref name="to"/> from now on, and nothing up to it will be taken any more.</summary>
    /// <param name="spool">Id of the spool.</param>
    /// <param name="host">Name of its host.</param>
    /// <param name="from">Where it stands.</param>
    /// <param name="to">Seq of the last event that is lost.</param>
    /// <exception cref="InvalidOperationException">It does not stand at <paramref name="from"/>.</exception>
    Task SkipAsync(string spool, string host, long from, long to);
}

/// <summary>The shared durable store of events and sessions. Safe for callers on any thread.</summary>
public interface IJournal : IAsyncDisposable
{
    /// <summary>Number of shards; fixed when the journal is made.</summary>
    int Shards { get; }

    /// <summary>
    /// Copies events of a spool into the journal. A batch that is there already
    /// (wholly, or its beginning) changes nothing a second time: promise 2 of the design. An event with
    /// <see cref="EventFlags.ServerRestart"/> is given to every shard under its one seq; queries for people list it once.
    /// </summary>
    /// <param name="spool">Id of the spool.</param>
    /// <param name="host">Name of its host.</param>
    /// <param name="after">Seq before the first event.</param>
    /// <param name="events">The events, in order; may be empty when only the horizon moves.</param>
    /// <param name="horizon">Everything that the host received before this time is in the journal with this batch; null when that is not known.</param>
    /// <exception cref="InvalidOperationException">The journal's last seq of that spool is below <paramref name="after"/>: a gap.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored.</exception>
    Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null);

    /// <summary>Takes a shard for an owner: raises its epoch and reads where it stands. What this journal held of it before is lost.</summary>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="owner">Name of the node.</param>
    /// <param name="cancel">The node does not want it any more: looked at once more when it could be had, before its epoch is raised.</param>
    /// <exception cref="ShardHeldException">Another node holds it.</exception>
    /// <exception cref="OperationCanceledException">It was not taken.</exception>
    Task<ShardLease> TakeShardAsync(int shard, string owner, CancellationToken cancel = default);

    /// <summary>Gives a shard free for others, after the step that runs; nothing when it is not held.</summary>
    Task GiveBackShardAsync(int shard);

    /// <summary>
    /// Whether a lease still holds, as far as is known here: an owner with nothing to commit learns by this that its connection has ended.
    /// What was committed decides; this is only sooner.
    /// </summary>
    bool IsHeld(int shard, long epoch);

    /// <summary>Commits a step.</summary>
    /// <exception cref="ShardLostException">A newer owner has the shard; nothing was written.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored; the step may be tried again.</exception>
    Task CommitAsync(ShardStep step);

    /// <summary>Events of a shard and spool after a seq, ascending.</summary>
    Task<IReadOnlyList<StoredEvent>> ReadShardAsync(int shard, string spool, long after, int limit);

    /// <summary>Events of a shard and spool received at or after a time, with a seq up to <paramref name="upTo"/>, ascending (for the windows of the sequencer).</summary>
    Task<IReadOnlyList<StoredEvent>> ReadShardSinceAsync(int shard, string spool, DateTimeOffset since, long upTo);

    /// <summary>Single events by seq, ascending; those that no longer exist are left out.</summary>
    Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(int shard, string spool, IReadOnlyList<long> seqs);

    /// <summary>Ids of the spools that have appended to this journal.</summary>
    Task<IReadOnlyList<string>> ReadSpoolsAsync();

    /// <summary>Ids of the spools that have appended to where a shard is kept: nothing but that place is asked.</summary>
    Task<IReadOnlyList<string>> ReadSpoolsAsync(int shard) => ReadSpoolsAsync();

    /// <summary>
    /// Tells <paramref name="fresh"/> of every append to a shard, after it is durable, in order, on the writer's own thread (so it must be quick).
    /// </summary>
    void Subscribe(IFreshEvents fresh);

    /// <summary>
    /// Calls <paramref name="rung"/> after events have become durable here, whichever node appended them and whoever owns their shards; now and
    /// then also without cause. It tells nothing of the events, costs no read, and must be quick.
    /// </summary>
    void OnAppend(Action rung);

    /// <summary>Stored events for people, ordered by spool and seq (newest last).</summary>
    IAsyncEnumerable<StoredEvent> QueryEventsAsync(EventQuery query, CancellationToken cancel);

    /// <summary>Sessions for people, ordered by the time they opened.</summary>
    IAsyncEnumerable<SessionRecord> QuerySessionsAsync(SessionQuery query, CancellationToken cancel);

    /// <summary>Open sessions of all shards, and so of all hosts, in groups: the largest first, those of one size by name.</summary>
    /// <param name="by">What makes a group.</param>
    /// <param name="user">Only this user; null for any, exact unless it has <c>*</c>.</param>
    /// <param name="host">Only this host, likewise.</param>
    /// <param name="cancel">Ends it.</param>
    Task<IReadOnlyList<OpenSessions>> CountOpenSessionsAsync(SessionGroup by, string? user, string? host, CancellationToken cancel);

    /// <summary>Where each shard stands.</summary>
    Task<IReadOnlyList<ShardStatus>> ReadBacklogAsync();
}

/// <summary>Gets fresh events after they are durable. The receiver may drop them: the journal has them.</summary>
public interface IFreshEvents
{
    /// <summary>Events of one shard and spool.</summary>
    /// <param name="shard">Number of the shard.</param>
    /// <param name="previous">Seq of the shard's event before the first one; -1 when not known. A receiver that stands elsewhere reads the journal.</param>
    /// <param name="events">The events, ascending.</param>
    void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events);
}

/// <summary>Filters for events; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record EventQuery
{
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this kind.</summary>
    public EventKind? Kind { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only these paths.</summary>
    public string? Path { get; init; }
    /// <summary>Only after these seqs, by spool: what a reader that follows has had. A spool that is not named is listed from its beginning.</summary>
    public IReadOnlyDictionary<string, long>? After { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }

    /// <summary>The seq of a spool after which its events are wanted; 0 is before the first.</summary>
    public long AfterIn(string spool) => After is not null && After.TryGetValue(spool, out var seq) ? seq : 0;
}

/// <summary>Filters for sessions; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record SessionQuery
{
    /// <summary>Only open (true) or closed (false) ones.</summary>
    public bool? Open { get; init; }
    /// <summary>Last event at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Opened before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only this host.</summary>
    public string? Host { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}

/// <summary>What open sessions are counted by.</summary>
public enum SessionGroup
{
    /// <summary>Login name.</summary>
    User,
    /// <summary>FTP host.</summary>
    Host,
    /// <summary>The client.</summary>
    Remote,
}

/// <summary>Open sessions that have something in common.</summary>
/// <param name="Name">User, host or client.</param>
/// <param name="Sessions">How many there are.</param>
/// <param name="Uploading">Of these, receiving a file.</param>
/// <param name="Downloading">Of these, sending one.</param>
public sealed record OpenSessions(string Name, long Sessions, long Uploading, long Downloading);

/// <summary>Where a shard stands.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Epoch">Epoch of its owner; 0 when it was never owned.</param>
/// <param name="Owner">Name of its owner.</param>
/// <param name="Spool">The spool this line is about.</param>
/// <param name="Position">Seq up to which it has applied; 0 at the start.</param>
/// <param name="Head">Seq of its last event in that spool; 0 when it has none.</param>
/// <param name="Waiting">Events stored but not applied.</param>
/// <param name="OldestWaiting">When the oldest of those was received.</param>
/// <param name="Duplicates">Duplicates dropped since the journal was made.</param>
/// <param name="Reordered">Events put back in order since the journal was made.</param>
public sealed record ShardStatus(
    int Shard, long Epoch, string Owner, string Spool, long Position, long Head, long Waiting, DateTimeOffset? OldestWaiting,
    long Duplicates, long Reordered);
