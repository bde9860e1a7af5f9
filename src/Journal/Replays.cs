using FtpActors.Protocol;

namespace FtpActors.Journal;

/// <summary>Where a replay stands.</summary>
public enum ReplayState
{
    /// <summary>Under way, or interrupted: it goes on from its positions.</summary>
    Running,
    /// <summary>It has come to its end.</summary>
    Done,
    /// <summary>A person stopped it.</summary>
    Stopped,
}

/// <summary>A position of a replay.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Spool">Spool id.</param>
/// <param name="Seq">Everything of that shard and spool up to and including this seq has been replayed.</param>
public sealed record ReplayPosition(int Shard, string Spool, long Seq);

/// <summary>A stored replay.</summary>
/// <param name="Id">Its id, chosen by the caller; also in <see cref="NewDelivery.Replay"/>.</param>
/// <param name="Parameters">What was asked for, as JSON; the caller's own.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ChangedAt">When it last moved or changed its state.</param>
/// <param name="Read">Events read.</param>
/// <param name="Matched">Matches of rules.</param>
/// <param name="Made">Deliveries made; fewer than matches when a key was there already.</param>
/// <param name="Positions">How far it has come; a shard and spool that has none has not begun.</param>
public sealed record ReplayRecord(
    string Id, string Parameters, ReplayState State, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, long Read, long Matched, long Made,
    IReadOnlyList<ReplayPosition> Positions);

/// <summary>One move of a replay: a new position and the deliveries that the events up to it call for, one transaction.</summary>
/// <param name="Id">The replay.</param>
/// <param name="Shard">The shard.</param>
/// <param name="Spool">Spool id.</param>
/// <param name="Seq">The new position, above the stored one.</param>
/// <param name="Read">Events read since the last move.</param>
/// <param name="Matched">Matches since the last move.</param>
/// <param name="Deliveries">Deliveries of that shard; empty for a dry run.</param>
public sealed record ReplayMove(
    string Id, int Shard, string Spool, long Seq, long Read, long Matched, IReadOnlyList<NewDelivery> Deliveries)
{
    /// <summary>Who moves it: refused when the replay is claimed by another one. Null does not ask.</summary>
    public Guid? Runner { get; init; }
}

/// <summary>What a scan looks for; null means any. Rows that do not fit are passed over without being decoded.</summary>
public sealed record ScanQuery
{
    /// <summary>Only these kinds.</summary>
    public IReadOnlySet<EventKind>? Kinds { get; init; }
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only up to this seq; null for the end of the spool as the scan finds it.</summary>
    public long? UpTo { get; init; }
}

/// <summary>A part of a scan.</summary>
/// <param name="Seq">Everything up to and including this seq was looked at.</param>
/// <param name="Read">Events looked at in this part.</param>
/// <param name="Events">Those that fit, ascending.</param>
public sealed record ScanPage(long Seq, int Read, IReadOnlyList<StoredEvent> Events);

/// <summary>What replay, back-test and rebuild need of a journal.</summary>
public interface IReplays
{
    /// <summary>Stores a new replay, <see cref="ReplayState.Running"/> and at its beginning.</summary>
    /// <exception cref="InvalidOperationException">There is one of that id already.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored; may be tried again.</exception>
    Task CreateReplayAsync(string id, string parameters);

    /// <summary>One replay, null when there is none of that id.</summary>
    Task<ReplayRecord?> ReadReplayAsync(string id);

    /// <summary>All replays, oldest first.</summary>
    Task<IReadOnlyList<ReplayRecord>> ListReplaysAsync();

    /// <summary>
    /// Moves a replay and adds its deliveries in one transaction: one that was interrupted goes on where it stood and makes nothing twice.
    /// Deliveries whose keys are there already are passed over.
    /// </summary>
    /// <returns>How many deliveries were new.</returns>
    /// <exception cref="InvalidOperationException">
    /// There is no such replay or spool, the replay is not running or another runner's, or it stands at or above that seq already (somebody else moves it). Nothing was written.
    /// </exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored; may be tried again.</exception>
    Task<int> MoveReplayAsync(ReplayMove move);

    /// <summary>Ends, stops, or goes on with a replay.</summary>
    /// <exception cref="InvalidOperationException">There is no such replay.</exception>
    Task SetReplayStateAsync(string id, ReplayState state);

    /// <summary>Makes a running replay one runner's for a time, or renews that: nodes that share a journal run a replay one at a time.</summary>
    /// <param name="id">The replay.</param>
    /// <param name="runner">Who runs it: one run of a node's process.</param>
    /// <returns>How long that holds unless it is renewed; null when another runner has the replay, or it is not running.</returns>
    /// <exception cref="JournalUnavailableException">It may or may not be claimed.</exception>
    Task<TimeSpan?> ClaimReplayAsync(string id, Guid runner);

    /// <summary>Ends a runner's claim before its time; nothing when it has none.</summary>
    Task ReleaseReplayAsync(string id, Guid runner);

    /// <summary>
    /// Looks through the events of a shard and spool after a seq, ascending, part by part. Every part moves the position, also where nothing
    /// fits. Shards may be scanned at the same time. The last part stands at the end that the scan found when it began.
    /// </summary>
    IAsyncEnumerable<ScanPage> ScanAsync(int shard, string spool, long after, ScanQuery query, CancellationToken cancel);

    /// <summary>
    /// Puts sessions of a shard in the place of the stored ones of the same ids, every column of them, and deletes others, in one
    /// transaction (a rebuild).
    /// </summary>
    /// <param name="shard">The shard of all of them.</param>
    /// <param name="epoch">Epoch of the owner; null when the caller knows that the shard has no owner that works on it.</param>
    /// <param name="sessions">Sessions as they should be.</param>
    /// <param name="deleted">Ids of sessions that should not be.</param>
    /// <exception cref="ShardLostException">A newer owner has the shard; nothing was written.</exception>
    /// <exception cref="JournalUnavailableException">Nothing was stored; may be tried again.</exception>
    Task ReplaceSessionsAsync(int shard, long? epoch, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted);
}
