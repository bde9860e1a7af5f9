using System.Reflection;
using Akka.Actor;
using Akka.Hosting;
using Akka.Streams;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Hocon;
using FtpActors.Ingest;
using FtpActors.Ingest.Spooling;
using FtpActors.Ingest.Watching;
using FtpActors.Node.Access;
using FtpActors.Node.Configuration;
using FtpActors.Node.Http;
using FtpActors.Node.Http.Elsewhere;
using FtpActors.Node.Telemetry;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>
/// One node: the engine, the sources before it, the API beside it, on one host. CoordinatedShutdown ends the sources first, then what is behind them, so that what they
/// stored is applied before the journal closes.
/// </summary>
internal sealed class FtpNode : IAsyncDisposable
{
    private readonly ILogger _log;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly ActionRunners _runners;
    private readonly NodeMetrics _metrics;
    private readonly EventTrace _trace;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;
    private Engine? _engine;
    private WebApplication? _host;
    private ApiServer? _api;
    private RunningSources? _sources;
    private BacklogWatch? _backlog;
    private RetentionWatch? _retention;

    private FtpNode(NodeConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        Configuration = configuration;
        _loggers = loggers;
        _time = time;
        _log = loggers.CreateLogger<FtpNode>();
        StartedAt = time.GetUtcNow();
        Book = new RuleBook(configuration.Rules.Rules, configuration.Users.File is { } file ? new UserDirectory(file, time) : null);
        _runners = new ActionRunners(configuration.Actions.Exec, configuration.Mail, time, configuration.Kafka);
        (_metrics, _trace) = (new NodeMetrics(time), new EventTrace(configuration.Telemetry.TraceOneIn));
    }

    /// <summary>Version of the program.</summary>
    public static string Version { get; } =
        typeof(FtpNode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>The configuration it was started with.</summary>
    public NodeConfiguration Configuration { get; }

    public DateTimeOffset StartedAt { get; }

    public TimeProvider Time => _time;

    /// <summary>What makes events durable, rebuilds sessions and makes deliveries.</summary>
    public Engine Engine => _engine ?? throw new InvalidOperationException("The node is not open.");

    /// <summary>Where its sources make their messages durable.</summary>
    /// <exception cref="NoSpoolException">It has none.</exception>
    public Spool Spool => Engine.Spool ?? throw new NoSpoolException();

    /// <summary>Ends when the node has nothing more to do: it has left its cluster; with an exception when it cannot go on.</summary>
    public Task Over => _over.Task;

    /// <summary>The rules in force and the site's users.</summary>
    public RuleBook Book { get; }

    /// <summary>Tells readers of the API that there is something new.</summary>
    public FreshSignal Fresh { get; } = new();

    /// <summary>What the API knows requests by that came to other nodes.</summary>
    public ClusterPass Pass { get; } = new();

    /// <summary>Address of the API.</summary>
    public Uri Url => _api?.Url ?? throw new InvalidOperationException("The API is not open.");

    /// <summary>It does its part: everything has recovered and the sources run.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Sources as they run; empty before they start and without the role <c>ingest</c>.</summary>
    public IReadOnlyList<SourceStatus> Sources => _sources?.Statuses ?? [];

    /// <summary>Looks at the node now and then; null while it starts.</summary>
    public NodeWatch? Watch { get; private set; }

    /// <summary>Answers the logins of the FTP server; null without the role <c>authd</c>.</summary>
    public AuthDesk? AuthDesk { get; private set; }

    /// <summary>A running source, null when there is none of that name.</summary>
    public ISource? FindSource(string name) => _sources?.Find(name);

    /// <summary>Starts a node; returns when everything has recovered and the sources run.</summary>
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
            // What was asked of an actor system that has ended fails in many ways.
            var ended = node._engine?.EndReason;
            await node.DisposeAsync();
            if (ended is not null && e is not OperationCanceledException)
                throw new NodeLostException(ended);
            if (e is JournalException and not NodeLostException)
                throw new NodeStartException(e.Message, e);
            throw;
        }
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        var settings = Configuration.Node;
        _log.Starting(settings.Name, Version, Configuration.Tree.File);
        _engine = await Engine.OpenAsync(EngineOptions(), _time, _loggers);
        _host = ApiServer.Build(settings.Listen, Configuration.Api, Configuration.Telemetry, settings.Name, _loggers, services => services.AddAkka(Engine.SystemName, (akka, _) => _engine.Configure(akka)));
        _api = await ApiServer.StartAsync(_host, this, _loggers, cancel);
        _ = EndWithAsync(_engine.System.WhenTerminated);
        _ = FailWithAsync(_engine.Unreadable);
        _ = FailWithAsync(_engine.Lost);
        if (_engine.Nodes is not null)
            _engine.System.ActorOf(Props.Create(() => new ApiActor(Url, Pass, Configuration.Api.Certificate)), ApiActor.Name);
        CoordinatedShutdown.Get(_engine.System).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "stop the sources", async () =>
        {
            await EndSourcesAsync();
            return Akka.Done.Instance;
        });
        _engine.System.ActorOf(Props.Create(() => new MetricsActor(_metrics, _trace, _time)), "metrics");
        if (settings.Authd)
            AuthDesk = AuthDesk.Start(Configuration.Authd, settings.Name, _engine.Logins, _time, _loggers);
        await BecomeReadyAsync(_engine, cancel);
        if (settings.Handler)
            StartWatches(_engine);
        if (settings.Ingest)
        {
            var spool = new MeasuredSpool(Spool, (await Spool.ReadStatusAsync()).Spool, _metrics, _trace, _time);
            var watches = Configuration.Sources.OfType<WatchSection>().Select(w => w.OptionsIn(settings.Name, settings.Data, Configuration.TemporaryNames));
            _sources = new RunningSources(
                Configuration.Sources, new SourceContext(
                    settings.Name, settings.Data, spool, _engine.Horizon, _engine.System.Materializer(), _time, _loggers, Configuration.TemporaryNames, Configuration.Users.File)
                {
                    Fusion = new UploadFusion(spool, [.. watches]),
                });
        }
        if (Configuration.Rules.File is { } rules)
            _log.RulesInForce(Book.Rules.Rules.Count, rules, Configuration.Users.Count);
        IsReady = true;
        Watch = new NodeWatch(this, _metrics, _log);
        var spoolId = settings.Ingest ? (await Spool.ReadStatusAsync()).Spool : "none";
        _log.Ready(settings.Name, Url.ToString(), settings.Data, spoolId, Configuration.Journal.Shards);
    }

    // A node may be taken off its cluster before it is ready; nothing goes on asking an engine that has ended.
    private async Task BecomeReadyAsync(Engine engine, CancellationToken cancel)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            await await Task.WhenAny(engine.ReadyAsync(given.Token), Over);
        }
        finally
        {
            await given.CancelAsync();
        }
    }

    private EngineOptions EngineOptions() => new()
    {
        Node = Configuration.Node.Name, Folder = Configuration.Node.Data, Handlers = Configuration.Journal.Shards, Ingest = Configuration.Node.Ingest,
        Handler = Configuration.Node.Handler, Windows = Configuration.Handler, TemporaryNames = Configuration.TemporaryNames, Book = Book, Runner = new MeasuredRunner(_runners, _metrics, _trace, _time),
        Cluster = Configuration.ClusterOptions(), Parallel = Configuration.Actions.Parallel, Grace = Configuration.Actions.Grace,
        Akka = Configuration.Akka is { } site ? $"akka {HoconText.Plain(site)}" : "",
    };

    private void StartWatches(Engine engine)
    {
        engine.System.ActorOf(Props.Create<FreshActor>(Fresh, engine.Nodes is not null), "fresh");
        _backlog = new BacklogWatch(Configuration.Node.Name, Configuration.Backlog, engine, Book, _time, _loggers);
        _backlog.Start();
        _retention = new RetentionWatch(Configuration.Node.Name, engine, Configuration.Retention, _time, _loggers);
        _retention.Start();
    }

    // An actor system that ends by itself has met something that it cannot live with, and its log lines say what; in a cluster, the others have gone on without it.
    private async Task EndWithAsync(Task terminated)
    {
        await terminated;
        if (_isEnding)
            return;
        if (Engine.HasLeft)
            _over.TrySetResult();
        else
            _over.TrySetException(Engine.Nodes is null
                ? new NodeStartException("The actor system of this node has ended by itself; its log says why.", null)
                : new NodeLostException(Engine.EndReason ?? "its actor system has ended"));
    }

    private async Task FailWithAsync(Task trouble)
    {
        try
        {
            await trouble;
        }
        catch (NodeLostException e)
        {
            _over.TrySetException(e);
        }
        catch (JournalException e)
        {
            _over.TrySetException(new NodeStartException(e.Message, e));
        }
    }

    private async Task EndSourcesAsync()
    {
        IsReady = false;
        if (AuthDesk is not null)
            await AuthDesk.DisposeAsync();
        if (_sources is not null)
            await _sources.DisposeAsync();
    }

    /// <summary>Sources stop after the batch in hand, everything stored is applied, running actions have their time of grace, the journal closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        IsReady = false;
        if (Watch is not null)
            await Watch.DisposeAsync();
        if (_backlog is not null)
            await _backlog.DisposeAsync();
        if (_retention is not null)
            await _retention.DisposeAsync();
        if (_api is not null)
            await CoordinatedShutdown.Get(Engine.System).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        if (_api is not null)
            await _api.DisposeAsync();
        else if (_host is not null)
            await _host.DisposeAsync();
        if (_engine is not null)
            await _engine.DisposeAsync();
        _runners.Dispose();
        _trace.Dispose();
        _metrics.Dispose();
    }
}
