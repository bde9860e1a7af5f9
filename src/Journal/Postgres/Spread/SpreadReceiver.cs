using FtpActors.Protocol;

namespace FtpActors.Journal.Postgres.Spread;

/// <summary>One server of several, as what a forwarder ships to. It stands in a spool by itself, whatever the others have.</summary>
/// <param name="server">The server.</param>
/// <param name="others">The others.</param>
internal sealed class SpreadReceiver(PostgresJournal server, IReadOnlyList<PostgresJournal> others) : ISpoolReceiver
{
    public Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null) =>
        server.AppendAsync(spool, host, after, events, horizon);

    public Task<long> ReadSpoolSeqAsync(string spool) => server.ReadSpoolSeqAsync(spool);

    /// <summary>The event as this server has it, or another one, of whose shards it is.</summary>
    public async Task<StoredEvent?> ReadSpooledAsync(string spool, long seq)
    {
        if (await server.ReadSpooledAsync(spool, seq).ConfigureAwait(false) is { } own)
            return own;
        foreach (var other in others)
        {
            try
            {
                if (await other.ReadSpooledAsync(spool, seq).ConfigureAwait(false) is { } there)
                    return there;
            }
            catch (JournalUnavailableException)
            {
                // One that is away holds up nobody. What it has is compared when its own events are shipped to it again.
            }
        }
        return null;
    }

    public Task SkipAsync(string spool, string host, long from, long to) => server.SkipAsync(spool, host, from, to);
}
