using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Actors.Stored;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Tests.Handlers;

/// <summary>Real handlers on real SQLite files, or on PostgreSQL, without sources: a test ships events to them as a spool does.</summary>
internal sealed class HandlerEngine : IAsyncDisposable
{
    public const string Spool = "0011223344556677";
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<int, long> _sent = [];

    private HandlerEngine(ActorSystem system, HistoryDatabase history, HistoryWriter writer, IActorRef handlers, int count) =>
        (System, History, Writer, Handlers, Count) = (system, history, writer, handlers, count);

    public ActorSystem System { get; }

    public HistoryDatabase History { get; }

    public HistoryWriter Writer { get; }

    public IActorRef Handlers { get; }

    public required RuleBook Book { get; init; }

    public int Count { get; }

    public static async Task<HandlerEngine> StartAsync(
        string folder, int handlers = 2, RuleSet? rules = null, IActionRunner? runner = null, Config? more = null, int parallel = 8, ShardOptions? options = null,
        string? database = null)
    {
        var file = Path.Combine(folder, "journal.db");
        if (database is null)
            await JournalFile.PrepareAsync(file, handlers);
        else
            await PostgresJournal.PrepareAsync(database, handlers, JournalServers.One.ShareOf(0, handlers));
        var journal = database is null ? SqlPlugin.Sqlite("handlers", file) : SqlPlugin.Postgres("handlers", database);
        var config = ConfigurationFactory.ParseString(journal + HandlerSerializer.Config + SessionMailbox.Definition + "akka.loglevel = WARNING\nakka.stdout-loglevel = OFF\n")
            .WithFallback(SqlPersistence.DefaultConfiguration);
        var system = ActorSystem.Create("test", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig((more ?? Config.Empty).WithFallback(config)), SqliteWaits.Setup(database is null ? [("handlers", file)] : [])));
        var history = database is null ? await HistoryDatabase.OpenAsync(folder) : await HistoryDatabase.OpenPostgresAsync(database);
        var writer = new HistoryWriter(system, history);
        var book = new RuleBook(rules ?? RuleSet.Empty, null);
        var context = new HandlerContext(
            handlers, options ?? new ShardOptions(), book, runner ?? new ScriptedRunner(), new ActionSlots(parallel),
            new DeliveryOptions { Node = "ftp1", Grace = TimeSpan.FromSeconds(5) }, new NoOtherHosts(), history, writer, TimeProvider.System, JournalServers.One);
        return new HandlerEngine(system, history, writer, system.ActorOf(HandlersActor.Props(context), "handlers"), handlers) { Book = book };
    }

    /// <summary>Ships events, whose seqs go on from <paramref name="first"/>, and waits until every handler has them in its journal.</summary>
    public async Task ShipAsync(IReadOnlyList<FtpEvent> events, long first, DateTimeOffset? horizon = null)
    {
        var stored = events.Select((e, i) => new StoredEvent(Spool, first + i, e)).ToList();
        foreach (var part in stored.GroupBy(s => SessionKey.Of(s.Event).Shard(Count)))
        {
            var stand = await TakeAsync(part.Key, [.. part], horizon);
            Assert.False(stand.IsRefusal, $"handler {part.Key} stands at {stand.Seq}");
        }
    }

    public async Task<EventsStand> TakeAsync(int handler, IReadOnlyList<StoredEvent> events, DateTimeOffset? horizon = null)
    {
        if (!_sent.TryGetValue(handler, out var previous))
            previous = (await AskAsync<EventsStand>(new AskPosition(handler, Spool))).Seq;
        var stand = await Handlers.Ask<EventsStand>(new TakeEvents(handler, Spool, "ftp1", previous, events, horizon), Patience);
        if (!stand.IsRefusal)
            _sent[handler] = Math.Max(previous, events[^1].Seq);
        return stand;
    }

    /// <summary>Asks until there is an answer: a handler may be starting.</summary>
    public async Task<T> AskAsync<T>(object message)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await Handlers.Ask<T>(message, TimeSpan.FromSeconds(1));
            }
            catch (AskTimeoutException) when (tries < 20)
            {
                // Not there yet.
            }
        }
    }

    /// <summary>Waits until everything that was shipped is applied and in the history.</summary>
    public async Task CalmAsync()
    {
        await Eventually.IsAsync(async () =>
        {
            for (var handler = 0; handler < Count; handler++)
            {
                var status = await AskAsync<HandlerStatus>(new AskStatus(handler));
                if (status.Waiting > 0 || await History.ReadPositionAsync(handler) < status.Row)
                    return false;
            }
            return true;
        });
    }

    public async Task<IReadOnlyList<SessionRecord>> SessionsAsync(bool? open = null) => await History.QuerySessionsAsync(new SessionQuery { Open = open }).ToListAsync();

    public async Task<IReadOnlyList<DeliveryRecord>> DeliveriesAsync() => await History.QueryDeliveriesAsync(new DeliveryQuery()).ToListAsync();

    /// <summary>Ends it as a kill would, as far as that can be done in a process: nothing is finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await Writer.StopAsync(new CancellationToken(canceled: true));
        await System.Terminate();
        await History.DisposeAsync();
    }
}

/// <summary>Does what a test says, and remembers what it was asked.</summary>
internal sealed class ScriptedRunner(Func<ActionContext, CancellationToken, Task<ActionOutcome>>? act = null) : IActionRunner
{
    private readonly Lock _gate = new();
    private readonly List<string> _keys = [];

    public IReadOnlyList<string> Keys { get { lock (_gate) return [.. _keys]; } }

    public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        lock (_gate)
            _keys.Add(context.DeliveryKey);
        return act?.Invoke(context, cancel) ?? Task.FromResult(new ActionOutcome(true, false, 0, "done"));
    }
}

internal static class Eventually
{
    public static async Task IsAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(HandlerEngine.Patience);
        while (!await holds())
            await Task.Delay(10, limit.Token);
    }
}
