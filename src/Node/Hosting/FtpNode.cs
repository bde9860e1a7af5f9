using System.Reflection;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Placement;
using FtpActors.Actors.Rebuild;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Rules;
using FtpActors.Ingest;
using FtpActors.Journal;
using FtpActors.Node.Configuration;
using FtpActors.Node.Http;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>
/// One node, composed: store, API, sources where they have a spool of their own, journal, rules and their actions, shards; ended in the opposite
/// order, so that what the sources stored is applied before the journal closes.
/// </summary>
internal sealed class FtpNode : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly ActionRunners _runners;
    private readonly CancellationTokenSource _stop = new();
    private INodeStore? _store;
    private Task _joining = Task.CompletedTask;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DeliveryActor? _deliveryActor;
    private BacklogWatch? _backlog;
    private RetentionWatch? _retention;
    private ApiServer? _api;
    private ShardGroup? _shards;
    private PlacementActor? _placement;
    private RunningSources? _sources;
    private ReplayDesk? _replaying;
    private SharedWork? _shared;
    private AuthDesk? _authDesk;

    private FtpNode(NodeConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        Configuration = configuration;
        _loggers = loggers;
        _time = time;
        _log = loggers.CreateLogger<FtpNode>();
        StartedAt = time.GetUtcNow();
        Book = new RuleBook(configuration.Rules.Rules, configuration.Users.File is { } file ? new UserDirectory(file, time) : null);
        _runners = new ActionRunners(configuration.Actions.Exec, configuration.Mail, time);
    }

    /// <summary>Version of the program.</summary>
    public static string Version { get; } =
        typeof(FtpNode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The configuration it was started with.</summary>
    public NodeConfiguration Configuration { get; }

    public DateTimeOffset StartedAt { get; }

    public TimeProvider Time => _time;

    /// <summary>What it keeps.</summary>
    public INodeStore Store => _store ?? throw new InvalidOperationException("The node is not open.");

    /// <summary>Where its sources make their messages durable.</summary>
    /// <exception cref="NoSpoolException">It has none.</exception>
    public ISpool Spool => Store.Spool ?? throw new NoSpoolException();

    /// <summary>What its sources could not decode.</summary>
    /// <exception cref="NoSpoolException">It has no spool.</exception>
    public IQuarantine Quarantine => Store.Quarantine ?? throw new NoSpoolException();

    /// <summary>The members that share its journal.</summary>
    /// <exception cref="NotAClusterException">It is alone.</exception>
    public ICluster Cluster => Store.Cluster ?? throw new NotAClusterException();

    /// <summary>Ends when the node has nothing more to do: with an exception when it cannot go on.</summary>
    public Task Over => _over.Task;

    /// <summary>Replays of stored events; they run with the role <c>handler</c> only.</summary>
    public ReplayDesk Replaying => _replaying ?? throw NotConnected();

    /// <summary>The rules in force and the site's users.</summary>
    public RuleBook Book { get; }

    /// <summary>Makes the deliveries; it is idle without the role <c>handler</c>.</summary>
    public DeliveryActor DeliveryActor => _deliveryActor ?? throw NotConnected();

    /// <summary>Puts other rules into force.</summary>
    public void Apply(RuleSet rules)
    {
        Book.Rules = rules;
        _deliveryActor?.WakeAll();
        _shared?.WakeAll();
    }

    /// <summary>Tells readers of the API that there is something new.</summary>
    public FreshSignal Fresh { get; } = new();

    /// <summary>Address of the API.</summary>
    public Uri Url => _api?.Url ?? throw new InvalidOperationException("The API is not open.");

    /// <summary>Raised with shard and events after every committed step of a shard of this node, on the shard's loop: handlers must be quick.</summary>
    public event Action<int, IReadOnlyList<StoredEvent>>? Committed;

    /// <summary>It does its part: alone with all shards taken, in a cluster as a member that has seen it.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Sessions open in memory; 0 without the role <c>handler</c>.</summary>
    public int OpenSessions => _shards?.OpenSessions ?? 0;

    /// <summary>Sources as they run; empty before they start and without the role <c>ingest</c>.</summary>
    public IReadOnlyList<SourceStatus> Sources => _sources?.Statuses ?? [];

    /// <summary>A running source, null when there is none of that name.</summary>
    public ISource? FindSource(string name) => _sources?.Find(name);

    /// <summary>Answers the logins of the FTP server; null without the role <c>authd</c>.</summary>
    public AuthDesk? AuthDesk => _authDesk;

    /// <summary>Makes the sessions anew and compares them with the stored ones.</summary>
    /// <exception cref="InvalidOperationException">This node has no shards, or one of them is not at work; the message says which.</exception>
    public Task<RebuildReport> RebuildAsync(bool apply, CancellationToken cancel) => _shards is { } shards
        ? shards.RebuildAsync(Store.Replays, apply, cancel)
        : throw new InvalidOperationException("This node owns no shards (it is starting, or its node.roles lack 'handler'): ask one that does.");

    /// <summary>
    /// Starts a node. Alone, it returns when all shards are taken and the sources run; with a shared journal when the sources run, and the rest
    /// follows as soon as that journal is there (<see cref="IsReady"/>).
    /// </summary>
    /// <exception cref="NodeStartException">It cannot start; everything that was opened has been closed again.</exception>
    public static async Task<FtpNode> StartAsync(NodeConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken cancel)
    {
        var node = new FtpNode(configuration, loggers, time);
        try
        {
            await node.StartAsync(cancel);
            return node;
        }
        catch (Exception e)
        {
            await node.DisposeAsync();
            if (e is JournalException)
                throw new NodeStartException(e.Message, e);
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        var (tree, settings) = (Configuration.Tree, Configuration.Node);
        _log.Starting(settings.Name, Version, tree.File);

        _store = Configuration.Journal.Cluster is not null
            ? await ClusterStore.OpenAsync(Configuration, _time, _loggers)
            : await EmbeddedStore.OpenAsync(Configuration);
        _api = await ApiServer.StartAsync(this, _loggers, cancel);
        if (settings.Authd)
            _authDesk = AuthDesk.Start(Configuration.Authd, settings.Name, _store, _time, _loggers);
        if (_store.IsConnected)
        {
            await JoinAsync(cancel);
            await StartSourcesAsync();
            return;
        }
        await StartSourcesAsync();
        _joining = Task.Run(JoinLaterAsync, CancellationToken.None);
    }

    private async Task StartSourcesAsync()
    {
        if (!Configuration.Node.Ingest || Store.Spool is null)
            return;
        var spool = await FinalNameSpool.OpenAsync(Store.Spool, Configuration.TemporaryNames);
        _sources = new RunningSources(
            Configuration.Sources, new SourceContext(Configuration.Node.Name, Configuration.Node.Data, spool, Store.OwnHorizon, _time, _loggers));
    }

    // Sources go on reading meanwhile; only what waiting cannot mend ends the node.
    private async Task JoinLaterAsync()
    {
        try
        {
            await Store.ConnectAsync(_stop.Token);
            await JoinAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped before the journal was there.
        }
        catch (Exception e)
        {
            _over.TrySetException(e is JournalException ? new NodeStartException(e.Message, e) : e);
        }
    }

    private async Task JoinAsync(CancellationToken cancel)
    {
        var (settings, journal) = (Configuration.Node, Store.Journal);
        journal.OnAppend(Fresh.Ring);
        // Always: rules may come by SIGHUP.
        var (slots, options) = (new ActionSlots(Configuration.Actions.Parallel), Configuration.Actions.Deliveries(settings.Name));
        _deliveryActor = new DeliveryActor(Store.Deliveries, Book, _runners, options, slots, _time, _loggers);
        _replaying = new ReplayDesk(journal, Store.Replays, Book, _deliveryActor, Configuration.Handler, _time, _loggers);
        if (settings.Handler)
        {
            _shards = new ShardGroup(journal, settings.Name, Configuration.Handler, Store.Horizon, _time, _loggers, _deliveryActor);
            _shards.Committed += (shard, events) => Committed?.Invoke(shard, events);
            if (Store.Cluster is null)
                await _shards.StartAsync(cancel);
            else
                _shards.StartEmpty();
            await _replaying.StartAsync();
            _backlog = new BacklogWatch(settings.Name, Configuration.Backlog, journal, Store.Deliveries, _deliveryActor, _time, _loggers,
                Store.Cluster is null ? null : () => _shards.Held);
            _backlog.Start();
            _retention = new RetentionWatch(Store.Retention, Configuration.Retention, _time, _loggers);
            _retention.Start();
        }
        if (Store.Shared is { } shared)
        {
            _shared = new SharedWork(
                shared, Configuration, _deliveryActor, new HostActions(shared, Book, _runners, options, slots, _time, _loggers), _time, _loggers);
        }
        if (Store.Cluster is { } cluster)
            await JoinClusterAsync(cluster, cancel);
        if (Configuration.Rules.File is { } rules)
            _log.RulesInForce(Book.Rules.Rules.Count, rules, Configuration.Users.Count);
        IsReady = true;
        _log.Ready(settings.Name, Url.ToString(), settings.Data, Store.Spool?.SpoolId ?? "none", journal.Shards);
    }

    private async Task JoinClusterAsync(ICluster cluster, CancellationToken cancel)
    {
        var settings = Configuration.Node;
        string[] roles = [.. new[] { ("ingest", settings.Ingest), ("handler", settings.Handler), ("authd", settings.Authd) }.Where(r => r.Item2).Select(r => r.Item1)];
        var beat = new MemberBeat(
            settings.Name, Guid.NewGuid(), roles, settings.Weight, Version, Url.ToString(), MemberState.Up, Refused: [], Backlog: null);
        _placement = new PlacementActor(cluster, _shards, () => beat with { Backlog = Store.Forwarder?.Status.Backlog }, _time, _loggers);
        _placement.Start();
        _ = EndWithAsync(_placement.Over);
        await _placement.Joined.WaitAsync(cancel);
    }

    // The task is never forgotten with a failure: that one is the node's own end.
    private async Task EndWithAsync(Task membership)
    {
        try
        {
            await membership;
            _over.TrySetResult();
        }
        catch (Exception e)
        {
            _over.TrySetException(e is JournalException ? new NodeStartException(e.Message, e) : e);
        }
    }

    /// <summary>Sources stop after the batch in hand, shards apply everything stored, running actions have their time of grace, the journal closes.</summary>
    public async ValueTask DisposeAsync()
    {
        IsReady = false;
        if (_authDesk is not null)
            await _authDesk.DisposeAsync();
        if (_sources is not null)
            await _sources.DisposeAsync();
        await _stop.CancelAsync();
        await _joining;
        // What its sources read last is shipped before its own shards apply everything stored.
        if (_store?.Forwarder is { } forwarder)
            await forwarder.DisposeAsync();
        if (_replaying is not null)
            await _replaying.DisposeAsync();
        if (_backlog is not null)
            await _backlog.DisposeAsync();
        if (_retention is not null)
            await _retention.DisposeAsync();
        if (_placement is not null)
            await _placement.DisposeAsync();
        if (_shared is not null)
            await _shared.DisposeAsync();
        if (_shards is not null)
            await _shards.DisposeAsync();
        if (_api is not null)
            await _api.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        _runners.Dispose();
        _stop.Dispose();
    }

    private static JournalUnavailableException NotConnected() =>
        new("This node has not reached its journal yet, or is stopping; its log says why.");
}
