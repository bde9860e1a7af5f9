namespace FtpActors.Actors.History;

/// <summary>The events of one spool that one journal row of a handler holds: where to read when a time range or some seqs are asked for.</summary>
/// <param name="Handler">Number of the handler.</param>
/// <param name="Row">Sequence number of its journal row.</param>
/// <param name="Spool">Spool id.</param>
/// <param name="FirstSeq">Lowest seq.</param>
/// <param name="LastSeq">Highest seq; not every seq between them is this handler's.</param>
/// <param name="Count">How many events.</param>
/// <param name="FirstReceivedAt">When the earliest of them was received.</param>
/// <param name="LastReceivedAt">When the latest of them was received.</param>
public sealed record RowIndex(
    int Handler, long Row, string Spool, long FirstSeq, long LastSeq, int Count, DateTimeOffset FirstReceivedAt, DateTimeOffset LastReceivedAt);

/// <summary>Filters for <see cref="RowIndex"/>; null means any. A row fits when it may hold an event that does.</summary>
public sealed record IndexQuery
{
    /// <summary>Only rows of this handler.</summary>
    public int? Handler { get; init; }
    /// <summary>Only rows after this one.</summary>
    public long? AfterRow { get; init; }
    /// <summary>Only rows up to this one.</summary>
    public long? UpToRow { get; init; }
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this spool.</summary>
    public string? Spool { get; init; }
    /// <summary>This seq or a later one.</summary>
    public long? FromSeq { get; init; }
    /// <summary>This seq or an earlier one.</summary>
    public long? ToSeq { get; init; }
}
