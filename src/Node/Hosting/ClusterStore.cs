using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>One node of many: the journal is shared in PostgreSQL, and what this node's sources read goes to a spool of its own first.</summary>
internal sealed class ClusterStore(ClusterSettings settings, int shards, TimeProvider time, ILogger log) : INodeStore
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private PostgresJournal? _journal;

    public ISpool? Spool => null;

    public IQuarantine? Quarantine => null;

    public Horizon OwnHorizon { get; } = new();

    public bool IsConnected => Volatile.Read(ref _journal) is not null;

    public IJournal Journal => Connected;

    public IDeliveries Deliveries => Connected;

    public IReplays Replays => Connected;

    public ILoginSlots LoginSlots => Connected;

    public IHorizon Horizon => OwnHorizon;

    public ICluster? Cluster => null;

    private PostgresJournal Connected => Volatile.Read(ref _journal)
        ?? throw new JournalUnavailableException("This node has not reached the shared journal yet; its log says why. What its sources read is kept in its spool.");

    public async Task ConnectAsync(CancellationToken cancel)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                Volatile.Write(ref _journal, await PostgresJournal.OpenAsync(settings.Options(shards, time, log.JournalTrouble)));
                return;
            }
            catch (JournalUnavailableException e)
            {
                log.JournalNotReached(e.Message, pause.TotalSeconds);
            }
            await Task.Delay(pause, time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_journal is not null)
            await _journal.DisposeAsync();
    }
}
