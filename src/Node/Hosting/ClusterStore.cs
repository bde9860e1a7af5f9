using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>
/// One node of many: the journal is shared in PostgreSQL, and what this node's sources read (role <c>ingest</c>) goes to a spool of its own first,
/// from where it is shipped.
/// </summary>
internal sealed class ClusterStore : INodeStore
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly ClusterSettings _settings;
    private readonly int _shards;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private SqliteJournal? _spool;
    private ISharedJournal? _journal;

    private ClusterStore(NodeConfiguration configuration, TimeProvider time, ILogger log) =>
        (_settings, _shards, _time, _log) = (configuration.Journal.Cluster!, configuration.Journal.Shards, time, log);

    public ISpool? Spool => _spool;

    public IQuarantine? Quarantine => _spool;

    public Forwarder? Forwarder { get; private set; }

    public Horizon OwnHorizon { get; } = new();

    public bool IsConnected => Volatile.Read(ref _journal) is not null;

    public IJournal Journal => Connected;

    public IDeliveries Deliveries => Connected;

    public ISharedDeliveries? Shared => Connected;

    public IReplays Replays => Connected;

    public ILoginSlots LoginSlots => Connected;

    public IRetention Retention => Connected;

    public IHorizon Horizon => Connected.Horizon;

    public ICluster? Cluster => Connected;

    private ISharedJournal Connected => Volatile.Read(ref _journal)
        ?? throw new JournalUnavailableException("This node has not reached the shared journal yet; its log says why. What its sources read is kept in its spool.");

    private IReadOnlyList<Func<ISpoolReceiver>> Receivers =>
        [.. _settings.Connections.Select((_, server) => (Func<ISpoolReceiver>)(() => Connected.Receivers[server]))];

    /// <exception cref="JournalUnusableException">The spool's file or its folder cannot be used.</exception>
    public static async Task<INodeStore> OpenAsync(NodeConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        var store = new ClusterStore(configuration, time, loggers.CreateLogger<ClusterStore>());
        var node = configuration.Node;
        if (!node.Ingest)
            return store;
        try
        {
            store._spool = await SqliteJournal.OpenAsync(new SqliteJournalOptions
            {
                Folder = node.Data, File = SqliteJournalOptions.SpoolFile, Host = node.Name, Shards = 1, Clock = time,
            });
            store.Forwarder = await Forwarder.StartAsync(
                store._spool, node.Name, store.Receivers, store.OwnHorizon, new ForwarderOptions { Keep = store._settings.Keep }, time, loggers);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async Task ConnectAsync(CancellationToken cancel)
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                Volatile.Write(ref _journal, await _settings.OpenAsync(_shards, _time, _log.JournalTrouble));
                return;
            }
            catch (JournalUnavailableException e)
            {
                _log.JournalNotReached(e.Message, pause.TotalSeconds);
            }
            await Task.Delay(pause, _time, cancel);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Forwarder is not null)
            await Forwarder.DisposeAsync();
        if (_journal is not null)
            await _journal.DisposeAsync();
        if (_spool is not null)
            await _spool.DisposeAsync();
    }
}
