using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>One node alone: one SQLite file is spool and journal, so an event is written once.</summary>
internal sealed class EmbeddedStore : INodeStore
{
    private readonly SqliteJournal _journal;

    private EmbeddedStore(SqliteJournal journal) => _journal = journal;

    public ISpool Spool => _journal;

    public IQuarantine Quarantine => _journal;

    public Forwarder? Forwarder => null;

    public Horizon OwnHorizon { get; } = new();

    public bool IsConnected => true;

    public IJournal Journal => _journal;

    public IDeliveries Deliveries => _journal;

    public ISharedDeliveries? Shared => null;

    public IReplays Replays => _journal;

    public IRetention Retention => _journal;

    public ILoginSlots LoginSlots => _journal;

    public IHorizon Horizon => OwnHorizon;

    public ICluster? Cluster => null;

    /// <exception cref="JournalUnusableException">The file or its folder cannot be used.</exception>
    public static async Task<INodeStore> OpenAsync(NodeConfiguration configuration) => new EmbeddedStore(await SqliteJournal.OpenAsync(
        new SqliteJournalOptions { Folder = configuration.Node.Data, Shards = configuration.Journal.Shards, Host = configuration.Node.Name }));

    public Task ConnectAsync(CancellationToken cancel) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _journal.DisposeAsync();
}
