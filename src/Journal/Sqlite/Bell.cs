using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

/// <summary>A subscriber that is told that there was an append, and nothing else.</summary>
internal sealed class Bell(Action rung) : IFreshEvents
{
    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events) => rung();
}
