namespace FtpActors.Actors;

/// <summary>Settings of the handler side. All have defaults that need no thought.</summary>
public sealed record ShardOptions
{
    /// <summary>A session of which nothing was heard for so long ends as <c>idle</c>. Default 4 hours: a server that reports a transfer
    /// at its end (NcFTPd) is silent for as long as the transfer takes.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Longest time that the sequencer holds an event to mend its order. Default 300 ms.</summary>
    public TimeSpan ReorderWindow { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Two identical datagrams within this time are one, when they carry no time of their own. Default 250 ms.</summary>
    public TimeSpan ShortDuplicateWindow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same for messages that carry their own time and figures (transfers). Default 10 s.</summary>
    public TimeSpan LongDuplicateWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most events that one step of a shard applies; bounds the memory of a shard's step. Default 2,000.</summary>
    public int StepEvents { get; init; } = 2000;

    /// <summary>
    /// Longest pause between two steps of a shard under load. Events that come meanwhile share the next step, and so do the updates of their
    /// sessions, which cost more than the events. The pause is half a millisecond for each event of the last step: a quiet shard does not
    /// wait, and only one that gets two thousand events a second comes to the longest. It delays a session's commit, never the event's own
    /// durability. Default 50 ms.
    /// </summary>
    public TimeSpan LongestStepPause { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Shortest pause between two steps of a shard. A step is a transaction, and where each waits for the disk by itself (PostgreSQL, a connection
    /// per shard) those of a moderate load would take all that the database has. An event that comes to a quiet shard does not wait. Default 0.
    /// </summary>
    public TimeSpan ShortestStepPause { get; init; }

    /// <summary>
    /// How long after a row the next one gathers events when few come. Each write costs about a millisecond of CPU all told, so at a few thousand events a second it
    /// pays to wait a little. Default 2 ms; 0 does not wait.
    /// </summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>With so many events in hand a handler gathers no longer. Default 256.</summary>
    public int GatherEvents { get; init; } = 256;

    /// <summary>Batches of fresh events that may wait in a shard's mailbox; when it is full the shard reads the journal instead. Default 32.</summary>
    public int MailboxBatches { get; init; } = 32;
}
