using FtpActors.Protocol;

namespace FtpActors.Journal;

/// <summary>Events that just became durable, for one shard.</summary>
/// <param name="Previous">Seq of the shard's event before them; -1 when not known.</param>
/// <param name="Events">Ascending, of one spool; none only wakes the reader.</param>
public readonly record struct FreshBatch(long Previous, IReadOnlyList<StoredEvent> Events)
{
    /// <summary>Nothing but a wake.</summary>
    public static FreshBatch Wake { get; } = new(-1, []);

    /// <summary>Their spool; "" when there are none.</summary>
    public string Spool => Events.Count > 0 ? Events[0].Spool : "";

    /// <summary>Seq of the last one; 0 when there are none.</summary>
    public long Last => Events.Count > 0 ? Events[^1].Seq : 0;
}
