using System.Reflection;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rebuild;
using FtpActors.Actors.Replay;
using FtpActors.Ingest;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Node.Configuration;
using FtpActors.Node.Http;

namespace FtpActors.Node.Hosting;

/// <summary>
/// One node, composed: journal, rules and their actions, API, shards, sources, in this order; ended in the opposite one, so that what the sources stored is
/// applied before the journal closes.
/// </summary>
internal sealed class FtpNode : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private SqliteJournal? _journal;
    private readonly ActionRunners _runners;
    private DeliveryActor? _deliveryActor;
    private BacklogWatch? _backlog;
    private ApiServer? _api;
    private ShardGroup? _shards;
    private RunningSources? _sources;
    private ReplayDesk? _replaying;

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

    public IJournal Journal => _journal ?? throw new InvalidOperationException("The journal is not open.");

    public ISpool Spool => _journal ?? throw new InvalidOperationException("The journal is not open.");

    /// <summary>Replays of stored events; they run with the role <c>handler</c> only.</summary>
    public ReplayDesk Replaying => _replaying ?? throw new InvalidOperationException("The journal is not open.");

    public IDeliveries Deliveries => _journal ?? throw new InvalidOperationException("The journal is not open.");

    public IReplays Replays => _journal ?? throw new InvalidOperationException("The journal is not open.");

    /// <summary>The rules in force and the site's users.</summary>
    public RuleBook Book { get; }

    /// <summary>Makes the deliveries; it is idle without the role <c>handler</c>.</summary>
    public DeliveryActor DeliveryActor => _deliveryActor ?? throw new InvalidOperationException("The journal is not open.");

    /// <summary>Tells readers of the API that there is something new.</summary>
    public FreshSignal Fresh { get; } = new();

    /// <summary>Address of the API.</summary>
    public Uri Url => _api?.Url ?? throw new InvalidOperationException("The API is not open.");

    /// <summary>All shards are taken, or the node does not handle any.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Sessions open in memory; 0 without the role <c>handler</c>.</summary>
    public int OpenSessions => _shards?.OpenSessions ?? 0;

    /// <summary>Sources as they run; empty before they start and without the role <c>ingest</c>.</summary>
    public IReadOnlyList<SourceStatus> Sources => _sources?.Statuses ?? [];

    /// <summary>A running source, null when there is none of that name.</summary>
    public ISource? FindSource(string name) => _sources?.Find(name);

    /// <summary>Makes the sessions anew and compares them with the stored ones.</summary>
    /// <exception cref="InvalidOperationException">This node has no shards, or one of them is not at work; the message says which.</exception>
    public Task<RebuildReport> RebuildAsync(bool apply, CancellationToken cancel) => _shards is { } shards && _journal is { } journal
        ? shards.RebuildAsync(journal, apply, cancel)
        : throw new InvalidOperationException("This node owns no shards (it is starting, or its node.roles lack 'handler'): ask one that does.");

    /// <summary>Starts a node; returns when all shards are taken and the sources run.</summary>
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

        _journal = await SqliteJournal.OpenAsync(
            new SqliteJournalOptions { Folder = settings.Data, Shards = Configuration.Journal.Shards, Host = settings.Name });
        _journal.Subscribe(Fresh);
        // Always: rules may come by SIGHUP.
        _deliveryActor = new DeliveryActor(_journal, Book, _runners, Configuration.Actions.Deliveries(settings.Name), _time, _loggers);
        _replaying = new ReplayDesk(_journal, _journal, Book, _deliveryActor, Configuration.Handler, _time, _loggers);
        _api = await ApiServer.StartAsync(this, _loggers, cancel);

        var horizon = new Horizon();
        if (settings.Handler)
        {
            _shards = new ShardGroup(_journal, settings.Name, Configuration.Handler, horizon, _time, _loggers, _deliveryActor);
            await _shards.StartAsync(cancel);
            await _replaying.StartAsync();
            _backlog = new BacklogWatch(settings.Name, Configuration.Backlog, _journal, _journal, _deliveryActor, _time, _loggers);
            _backlog.Start();
        }
        if (settings.Ingest)
            _sources = new RunningSources(Configuration.Sources, new SourceContext(settings.Name, settings.Data, _journal, horizon, _time, _loggers));

        if (Configuration.Rules.File is { } rules)
            _log.RulesInForce(Book.Rules.Rules.Count, rules, Configuration.Users.Count);
        IsReady = true;
        _log.Ready(settings.Name, Url.ToString(), settings.Data, _journal.SpoolId, _journal.Shards);
    }

    /// <summary>Sources stop after the batch in hand, shards apply everything stored, running actions have their time of grace, the journal closes.</summary>
    public async ValueTask DisposeAsync()
    {
        IsReady = false;
        if (_sources is not null)
            await _sources.DisposeAsync();
        if (_replaying is not null)
            await _replaying.DisposeAsync();
        if (_backlog is not null)
            await _backlog.DisposeAsync();
        if (_shards is not null)
            await _shards.DisposeAsync();
        if (_api is not null)
            await _api.DisposeAsync();
        if (_journal is not null)
            await _journal.DisposeAsync();
        _runners.Dispose();
    }
}
