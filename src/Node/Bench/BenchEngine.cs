using System.Diagnostics;
using System.Net;
using Akka.Actor;
using Akka.Hosting;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Bench;

/// <summary>The engine of a node in this process, without sources and without an API.</summary>
internal sealed class BenchEngine : IAsyncDisposable
{
    private readonly IHost _host;

    private BenchEngine(IHost host, Engine engine, RuleBook book) => (_host, Engine, Book) = (host, engine, book);

    public Engine Engine { get; }

    /// <summary>From the start of the actor system until all handlers had recovered; zero without handlers.</summary>
    public TimeSpan Recovery { get; private set; }

    public RuleBook Book { get; }

    public Spool Spool => Engine.Spool!;

    /// <summary>Opens an engine in a folder, with the number of handlers that a node has by default.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="runner">Runs their actions.</param>
    /// <param name="parallel">So many at once.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="database">Of the journal, for a cluster of one node; null for a node that is alone.</param>
    /// <param name="handlers">Handlers of a node that is alone.</param>
    public static Task<BenchEngine> StartAsync(
        string folder, IReadOnlyList<Rule> rules, IActionRunner runner, int parallel, CancellationToken cancel, string? database = null,
        int handlers = JournalSection.DefaultShards) => StartAsync(
        new EngineOptions
        {
            Node = "bench", Folder = folder, Handlers = database is null ? handlers : ClusterWay.Shards, Book = new RuleBook(new RuleSet([.. rules]), null),
            Runner = runner, Parallel = parallel,
            Cluster = database is null ? null : InCluster(["127.0.0.1:0"], ["ingest", "handler"], database),
        }, cancel);

    /// <summary>A node of a cluster with the role <c>ingest</c> alone.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">Its name.</param>
    /// <param name="seeds">Nodes to join by.</param>
    /// <param name="cancel">Ends it.</param>
    public static Task<BenchEngine> StartIngestAsync(string folder, string name, IReadOnlyList<string> seeds, CancellationToken cancel) => StartAsync(
        new EngineOptions
        {
            Node = name, Folder = folder, Handlers = ClusterWay.Shards, Handler = false, Book = new RuleBook(RuleSet.Empty, null), Runner = new NoActions(),
            Cluster = InCluster(seeds, ["ingest"], null),
        }, cancel);

    private static ClusterOptions InCluster(IReadOnlyList<string> seeds, IReadOnlyList<string> roles, string? database) =>
        new(new DnsEndPoint("127.0.0.1", 0), seeds, null, roles, database, TimeSpan.FromSeconds(6), JournalServers.One, null);

    private static async Task<BenchEngine> StartAsync(EngineOptions options, CancellationToken cancel)
    {
        var engine = await Engine.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka(Engine.SystemName, (akka, _) => engine.Configure(akka));
        var host = builder.Build();
        var bench = new BenchEngine(host, engine, options.Book);
        try
        {
            var started = Stopwatch.GetTimestamp();
            await host.StartAsync(cancel);
            // A journal that cannot be read ends this, not the handlers.
            var ready = engine.ReadyAsync(cancel);
            if (options.Handler)
            {
                await Task.WhenAny(engine.Handlers.ReadyAsync(cancel), ready);
                bench.Recovery = Stopwatch.GetElapsedTime(started);
            }
            await ready;
            return bench;
        }
        catch
        {
            await bench.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tells of what is published on the event stream, such as <see cref="EventsApplied"/>, on the thread of an actor.</summary>
    public void On<T>(Action<T> told) => Engine.System.ActorOf(Props.Create<ToldActor<T>>(told));

    /// <summary>Waits until everything is applied and in the history.</summary>
    public async Task CalmAsync(CancellationToken cancel)
    {
        while (!await Engine.IsCalmAsync())
            await Task.Delay(2, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await CoordinatedShutdown.Get(Engine.System).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        await _host.StopAsync();
        _host.Dispose();
        await Engine.DisposeAsync();
    }

    private sealed class ToldActor<T> : ReceiveActor
    {
        public ToldActor(Action<T> told) => Receive(told);

        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(T));
    }
}

/// <summary>Where there are no rules.</summary>
internal sealed class NoActions : IActionRunner
{
    public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel) => throw new InvalidOperationException("There are no rules.");
}
