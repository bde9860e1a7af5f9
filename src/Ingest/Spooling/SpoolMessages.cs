using Akka.Actor;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Spooling;

/// <summary>Makes a batch durable; answered with <see cref="Appended"/> or <see cref="NotAppended"/>.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Id">The same when the batch is handed over again because no answer came: it is stored once.</param>
internal sealed record Append(SourceBatch Batch, long Id) : INoSerializationVerificationNeeded;

/// <summary>The batch is durable.</summary>
/// <param name="FirstSeq">Seq of its first event.</param>
internal sealed record Appended(long FirstSeq) : INoSerializationVerificationNeeded;

/// <summary>Nothing was stored; the same batch may be handed over again.</summary>
/// <param name="Reason">Why, for a person.</param>
internal sealed record NotAppended(string Reason) : INoSerializationVerificationNeeded;

/// <summary>Asks for a source's bookmark; answered with <see cref="BookmarkRead"/>.</summary>
internal sealed record AskBookmark(string Source) : INoSerializationVerificationNeeded;

/// <summary>A source's bookmark; null when there is none.</summary>
internal sealed record BookmarkRead(byte[]? State) : INoSerializationVerificationNeeded;

/// <summary>Replaces a quarantined message by the event it decodes to now; answered with <see cref="Appended"/> or <see cref="NotAppended"/>.</summary>
/// <param name="Message">Number of the message.</param>
/// <param name="Event">The event.</param>
internal sealed record Release(long Message, FtpEvent Event) : INoSerializationVerificationNeeded;

/// <summary>Asks for the rows after a row; answered with <see cref="NextRows"/> as soon as there are any, or when the wait is over.</summary>
/// <param name="After">The last row that the asker has; null for the last one that was shipped.</param>
/// <param name="Wait">How long to wait for rows.</param>
internal sealed record AskRows(long? After, TimeSpan Wait) : INoSerializationVerificationNeeded;

/// <summary>Rows of a spool.</summary>
/// <param name="Spool">Id of the spool.</param>
/// <param name="After">The row before them.</param>
/// <param name="Rows">The rows; empty when there are none (yet).</param>
/// <param name="IsAtEnd">Nothing that is durable lies behind them.</param>
/// <param name="ReadTo">Rows up to this one are not in memory any more: they are read from the journal; null when <paramref name="Rows"/> has what there is.</param>
internal sealed record NextRows(string Spool, long After, IReadOnlyList<BatchSpooled> Rows, bool IsAtEnd, long? ReadTo) : INoSerializationVerificationNeeded;

/// <summary>All handlers have everything up to a row.</summary>
/// <param name="Row">The row.</param>
/// <param name="Seq">Seq of its last event, or of the last before it.</param>
internal sealed record RowsShipped(long Row, long Seq) : INoSerializationVerificationNeeded;

/// <summary>Seqs up to one are taken: handlers have events of them. Answered with <see cref="Appended"/> or <see cref="NotAppended"/>.</summary>
/// <param name="UpTo">The last of them.</param>
internal sealed record SkipSeqs(long UpTo) : INoSerializationVerificationNeeded;

/// <summary>Asks how the spool does; answered with <see cref="SpoolStatus"/>.</summary>
internal sealed record AskSpool : INoSerializationVerificationNeeded
{
    public static AskSpool Instance { get; } = new();
}

/// <summary>How a spool does.</summary>
/// <param name="Spool">Its id.</param>
/// <param name="LastSeq">Seq of its last event.</param>
/// <param name="ShippedSeq">Seq of the last event that all handlers have.</param>
/// <param name="OldestWaiting">When the oldest event was received that is not shipped; null when all are or it is not known.</param>
/// <param name="Damaged">Rows that could not be read since the start.</param>
public sealed record SpoolStatus(string Spool, long LastSeq, long ShippedSeq, DateTimeOffset? OldestWaiting, int Damaged) : INoSerializationVerificationNeeded
{
    /// <summary>Events that are not shipped.</summary>
    public long Backlog => LastSeq - ShippedSeq;
}
