using System.Data.Common;
using Akka.Actor;
using Akka.Hosting;
using FtpActors.Actors.Clustering;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Reading;
using FtpActors.Actors.Rebuild;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Stored;
using FtpActors.Ingest;
using FtpActors.Ingest.Shipping;
using FtpActors.Ingest.Spooling;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Node.Hosting;

/// <summary>
/// The way of an event behind the sources: spool, shipper, handlers, history, each an actor or a stream of one actor system, on a node that is alone or is part of a cluster. It
/// starts with the host that <see cref="Configure"/> adds it to; CoordinatedShutdown ends it in the order of the way, so that what was read is applied and told.
/// </summary>
internal sealed class Engine : IAsyncDisposable
{
    /// <summary>Name of the actor system.</summary>
    public const string SystemName = "ftpactors";

    // How long the end waits for what is left to be shipped, and for the history.
    private static readonly TimeSpan ShippingGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan HistoryGrace = TimeSpan.FromSeconds(10);

    // A handler that is slow is waited for; a message to a node that has just died is lost, and what it held is shipped again.
    private static readonly TimeSpan OwnPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FarPatience = TimeSpan.FromSeconds(3);

    // So long a start waits for the check of the history.
    private static readonly TimeSpan CheckGrace = TimeSpan.FromSeconds(2);

    // Each of the handlers may tell of the same damage before it is mended.
    private const int MostMends = 100;

    // Less than the handlers gather: what is received is to be durable soon, what is durable may be applied a little later.
    private static readonly TimeSpan SpoolGather = TimeSpan.FromMilliseconds(2);

    private readonly EngineOptions _options;
    private readonly EngineFiles _files;
    private readonly TimeProvider _time;
    private int _mends;
    private readonly TaskCompletionSource _unreadable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _log;
    private readonly ILoggerFactory _loggers;
    private ActorSystem? _system;
    private HistoryWriter? _writer;
    private AllHandlers? _handlers;
    private Spool? _spool;
    private LoginSlots? _logins;
    private HandlerJournals? _journals;
    private ReplayDesk? _replaying;

    private Engine(EngineOptions options, EngineFiles files, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _files, _time) = (options, files, time);
        _loggers = loggers;
        _log = loggers.CreateLogger<Engine>();
    }

    /// <summary>The actor system.</summary>
    public ActorSystem System => _system ?? throw NotStarted();

    /// <summary>The read model.</summary>
    public HistoryDatabase History => _files.History ?? throw NoHandlers();

    /// <summary>Whether there is one here.</summary>
    public bool HasHistory => _files.History is not null;

    /// <summary>Why nothing gets into the read model at the moment, or what of it is damaged; null when all is well.</summary>
    public string? HistoryTrouble => _writer?.Trouble ?? _files.History?.Damage.Sentence;

    /// <summary>Rows that the read model refuses; they are in the quarantine.</summary>
    public long HistoryPutAside => _writer?.PutAside ?? 0;

    /// <summary>What sources could not decode, and bytes of damaged rows.</summary>
    public QuarantineFile Quarantine => _files.Quarantine;

    /// <summary>The handlers.</summary>
    public AllHandlers Handlers => _handlers ?? throw (_options.Handler ? NotStarted() : NoHandlers());

    /// <summary>Number of handlers.</summary>
    public int HandlerCount => _options.Handlers;

    /// <summary>Where the handlers live in the cluster, address of the node by handler.</summary>
    public Task<IReadOnlyDictionary<int, Address>> ReadHandlerPlacesAsync(TimeSpan patience) => Shards.ReadPlacesAsync(System, patience);

    /// <summary>What people order about deliveries.</summary>
    public DeliveryDesk Deliveries => new(History, Handlers);

    /// <summary>The rows of the handlers' journals.</summary>
    public HandlerJournals Journals => _journals ?? throw NotStarted();

    /// <summary>Stored events, for one question.</summary>
    public StoredEventsReader Events => new(Journals);

    /// <summary>Replays of stored events.</summary>
    public ReplayDesk Replaying => _replaying ?? throw NotStarted();

    /// <summary>Makes the sessions of the history anew.</summary>
    public HistoryRebuild Rebuild => new(Journals, History, _options.Windows);

    /// <summary>Where sources make their messages durable; null without the role <c>ingest</c>.</summary>
    public Spool? Spool => _spool;

    /// <summary>Ships the spool; null where there is nothing to ship, or nowhere to.</summary>
    public Shipper? Shipper { get; private set; }

    /// <summary>Fails when a file is so damaged that the node cannot go on with it; never ends otherwise.</summary>
    public Task Unreadable => _unreadable.Task;

    /// <summary>Fails when this node does not belong to the cluster any more and must begin anew; never ends otherwise.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The actor system ends or has ended because a person wants the node to leave its cluster.</summary>
    public bool HasLeft => CoordinatedShutdown.Get(System).ShutdownReason is CoordinatedShutdown.ClusterLeavingReason;

    /// <summary>Why a node of a cluster must begin anew, when its actor system ends or has ended by itself; null when it has not.</summary>
    public string? EndReason => _options.Cluster is null || _system is null ? null : CoordinatedShutdown.Get(_system).ShutdownReason switch
    {
        null or CoordinatedShutdown.ClusterLeavingReason => null,
        CoordinatedShutdown.ClusterDowningReason => "the other nodes have taken it off the cluster",
        // Akka ends the whole system when it is the one that connects; the reason has a type that only its name tells.
        { } reason when reason.GetType().Name == "TlsHandshakeFailureReason" => "another node's certificate and its own are not of the same authority, or one is not valid",
        var other => $"its actor system has ended ({other.GetType().Name})",
    };

    /// <summary>The nodes of the cluster; null for a node that is alone.</summary>
    public ClusterNodes? Nodes { get; private set; }

    /// <summary>What this node's sources hold back.</summary>
    public Horizon Horizon { get; } = new();

    /// <summary>The count of sessions of users.</summary>
    public LoginSlots Logins => _logins ?? throw NotStarted();

    /// <summary>Opens the files.</summary>
    /// <exception cref="JournalUnusableException">They cannot be used as they are.</exception>
    public static async Task<Engine> OpenAsync(EngineOptions options, TimeProvider time, ILoggerFactory loggers) =>
        new(options, await EngineFiles.OpenAsync(options), time, loggers);

    /// <summary>Adds it to an actor system that is about to start.</summary>
    public void Configure(AkkaConfigurationBuilder akka)
    {
        if (_options.Cluster is { } cluster && ClusterConfig.TlsOf(cluster) is { } tls)
            akka.AddSetup(tls);
        akka.AddHocon(EngineConfig.Of(_files, _options), HoconAddMode.Prepend)
        .AddSetup(new AkkaLogSetup(_loggers))
        .AddSetup(SqliteWaits.Setup(_options.Cluster is null ? [("handlers", _files.Journal), ("spool", _files.Spool)] : [("spool", _files.Spool)]))
        .ConfigureLoggers(loggers =>
        {
            loggers.ClearLoggers();
            loggers.AddLogger<AkkaLog>();
        })
        .WithActors((system, _) => Start(system));
    }

    /// <summary>Waits until everything has recovered.</summary>
    public async Task ReadyAsync(CancellationToken cancel)
    {
        var recovered = RecoveredAsync(cancel);
        await await Task.WhenAny(recovered, Unreadable, Lost);
    }

    private async Task RecoveredAsync(CancellationToken cancel)
    {
        if (_options.Handler && _handlers is not null && _replaying is not null)
        {
            await _handlers.ReadyAsync(cancel);
            await _replaying.StartAsync();
        }
        while (_spool is not null && !await TryAlignAsync(_spool))
            cancel.ThrowIfCancellationRequested();
        // Before the first answer where that is soon done; a large history is looked at while the node works.
        if (_options.Handler)
            await Task.WhenAny(CheckHistoryAsync(cancel), Task.Delay(CheckGrace, _time, cancel));
    }

    private async Task CheckHistoryAsync(CancellationToken cancel)
    {
        try
        {
            await History.CheckAsync(cancel);
            foreach (var (place, reason) in History.Damage.Places)
                _log.HistoryDamaged(place, reason);
        }
        catch (Exception e) when (e is DbException or OperationCanceledException)
        {
            _log.HistoryNotChecked(e.Message);
        }
    }

    // Before a source writes: what comes next must not get a seq that the handlers know.
    private async Task<bool> TryAlignAsync(Spool spool)
    {
        try
        {
            var status = await spool.ReadStatusAsync();
            if (_options.Handler && _handlers is not null && await _handlers.ReadSpoolSeqAsync(status.Spool) is var seq && seq > status.LastSeq)
                await spool.SkipAsync(seq);
            return true;
        }
        catch (JournalUnavailableException e)
        {
            _log.SpoolNotReady(e.Message);
            return false;
        }
    }

    /// <summary>Whether everything that is durable has been applied and is in the history.</summary>
    /// <exception cref="JournalUnavailableException">Spool or handlers do not answer.</exception>
    public async Task<bool> IsCalmAsync()
    {
        if (_spool is not null && (await _spool.ReadStatusAsync()).Backlog > 0)
            return false;
        foreach (var handler in await Handlers.ReadStatusAsync())
        {
            if (handler.Waiting > 0 || await History.ReadPositionAsync(handler.Handler) < handler.Row)
                return false;
        }
        return true;
    }

    /// <summary>Closes the files; after the end of the actor system.</summary>
    public ValueTask DisposeAsync()
    {
        _spool?.Dispose();
        return _files.DisposeAsync();
    }

    private void Start(ActorSystem system)
    {
        _system = system;
        system.EventStream.Subscribe(system.ActorOf(Props.Create<UnreadableActor>(new Func<JournalUnreadable, Task>(UnreadAsync)), "unreadable"), typeof(JournalUnreadable));
        system.EventStream.Subscribe(system.ActorOf(QuarantineActor.Props(_files.Quarantine, _time), "quarantine"), typeof(PutAside));
        if (_options.Cluster is { } cluster)
            Nodes = ClusterSeat.Take(system, cluster, _options, Lose);
        var (handlers, logins) = _options.Handler ? StartHandlers(system) : Nodes is null ? (null, null) : (Shards.HandlersElsewhere(system, _options.Handlers), Shards.LoginsElsewhere(system, _options.Handlers));
        if (handlers is not null)
            _handlers = new AllHandlers(handlers, _options.Handlers);
        if (logins is not null)
            _logins = new LoginSlots(logins, _options.Handlers);
        if (_options.Handler)
            _replaying = new ReplayDesk(
                new Replays(system.ActorOf(ReplaysActor.Props(_options.Cluster is null ? null : _options.Node), "replays")),
                new ReplayContext(Journals, History, Handlers, _options.Windows, _time), _options.Book, _loggers);
        if (_options.Ingest)
        {
            var spool = system.ActorOf(SpoolActor.Props(new SpoolContext(_files.Quarantine, _options.TemporaryNames, SpoolGather)), "spool");
            _spool = new Spool(spool, _files.Quarantine);
            if (handlers is not null)
                Shipper = new Shipper(system, spool, handlers, new ShipperOptions { Host = _options.Node, Handlers = _options.Handlers, Patience = _options.Cluster is null ? OwnPatience : FarPatience }, Horizon, _time, _loggers.CreateLogger<Shipper>());
        }
        EndInOrder(CoordinatedShutdown.Get(system));
    }

    private (IActorRef Handlers, IActorRef Logins) StartHandlers(ActorSystem system)
    {
        var servers = _options.Cluster?.Servers ?? JournalServers.One;
        _journals = new HandlerJournals(system, History, _options.Handlers, servers);
        _writer = new HistoryWriter(system, History);
        var context = new HandlerContext(
            _options.Handlers, _options.Windows, _options.Book, _options.Runner, new ActionSlots(_options.Parallel),
            new DeliveryOptions { Node = _options.Node, Grace = _options.Grace }, Nodes is null ? new NoOtherHosts() : Nodes, History, _writer, _time, servers);
        return Nodes is null
            ? (system.ActorOf(HandlersActor.Props(context), "handlers"), system.ActorOf(LoginSlices.Props(_options.Handlers, _time), "logins"))
            : (Shards.StartHandlers(system, context), Shards.StartLogins(system, _options.Handlers, _time));
    }

    private void Lose(string reason) => _lost.TrySetException(new NodeLostException(reason));

    private void EndInOrder(CoordinatedShutdown shutdown)
    {
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "interrupt replays", async () =>
        {
            if (_replaying is not null)
                await _replaying.DisposeAsync();
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceRequestsDone, "ship what is left", async () =>
        {
            if (Shipper is not null && !IsCut)
                await Shipper.StopAsync(ShippingGrace);
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "let the handlers finish", async () =>
        {
            // In a cluster each handler finishes before it goes to another node.
            if (_options.Handler && Nodes is null && _handlers is not null && !IsCut && await _handlers.QuietAsync(_options.Grace) is > 0 and var cut)
                _log.ActionsCut(cut);
            return Akka.Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "write the history", async () =>
        {
            using var limit = new CancellationTokenSource(IsCut ? TimeSpan.Zero : HistoryGrace, _time);
            if (_writer is not null)
                await _writer.StopAsync(limit.Token);
            return Akka.Done.Instance;
        });
    }

    // Nothing that is left can be finished here: the journal is damaged, or the handlers are others' now.
    private bool IsCut => _unreadable.Task.IsFaulted || _lost.Task.IsFaulted || CoordinatedShutdown.Get(System).ShutdownReason is CoordinatedShutdown.ClusterDowningReason;

    private async Task UnreadAsync(JournalUnreadable journal)
    {
        var (file, serializer) = journal.Whose == SpoolContext.PersistenceId ? (_files.Spool, SpoolSerializer.Id) : (_files.Journal, HandlerSerializer.Id);
        if (journal.IsColumn && (_options.Cluster is null || file == _files.Spool) && _mends++ < MostMends)
        {
            // Who told of it begins anew, and reads it then.
            _log.JournalMended(file, await TryMendAsync(file, serializer), journal.Reason);
            return;
        }
        Fail(file, journal.Reason);
    }

    private static async Task<long> TryMendAsync(string file, int serializer)
    {
        try
        {
            return await JournalFile.MendAsync(file, serializer);
        }
        catch (SqliteException)
        {
            // What is wrong with the file is told by those who read it.
            return 0;
        }
    }

    private void Fail(string file, string reason) => _unreadable.TrySetException(new JournalUnusableException(
        $"{file} is damaged so that SQLite cannot read what is in it ({reason.TrimEnd('.')}). 'ftpactors journal check' "
        + "says more; restore it from a backup, or move it away to start with an empty one."));

    private sealed class UnreadableActor : ReceiveActor
    {
        public UnreadableActor(Func<JournalUnreadable, Task> told) => ReceiveAsync(told);
    }

    private static JournalUnavailableException NoHandlers() => new("This node has no handlers: its node.roles lack \"handler\".");

    private static JournalUnavailableException NotStarted() => new("This node is starting or stopping; its log says more.");
}
