using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>Events that just became durable, for one shard.</summary>
/// <param name="Previous">Seq of the shard's event before them; -1 when not known.</param>
/// <param name="Events">Ascending, of one spool; none only wakes the shard.</param>
internal readonly record struct FreshBatch(long Previous, IReadOnlyList<StoredEvent> Events)
{
    /// <summary>Nothing but a wake.</summary>
    public static FreshBatch Wake { get; } = new(-1, []);

    public string Spool => Events.Count > 0 ? Events[0].Spool : "";

    public long Last => Events.Count > 0 ? Events[^1].Seq : 0;
}
