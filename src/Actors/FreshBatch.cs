using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>Events that just became durable, for one shard.</summary>
/// <param name="Previous">Seq of the shard's event before them; -1 when not known.</param>
/// <param name="Events">At least one, ascending, of one spool.</param>
internal readonly record struct FreshBatch(long Previous, IReadOnlyList<StoredEvent> Events)
{
    public string Spool => Events[0].Spool;

    public long Last => Events[^1].Seq;
}
