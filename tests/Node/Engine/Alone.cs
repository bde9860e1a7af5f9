using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Shipping;
using FtpActors.Ingest.Spooling;
using FtpActors.Ingest;
using FtpActors.Protocol.Globs;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Tests.Engine;

/// <summary>Spool, shipper, handlers and history of one node, without sources. It ends as a kill would, as far as that can be done in a process.</summary>
internal sealed class Alone(ActorSystem system, Spool spool, IActorRef handlers, HistoryDatabase history, HistoryWriter writer, QuarantineFile quarantine) : IAsyncDisposable
{
    private const int Handlers = 2;

    public ActorSystem System => system;

    public Spool Spool => spool;

    public HistoryDatabase History => history;

    public QuarantineFile Quarantine => quarantine;

    public static async Task<Alone> StartAsync(string folder, string more = "")
    {
        var (journal, spoolFile) = (Path.Combine(folder, "journal.db"), Path.Combine(folder, "spool.db"));
        await JournalFile.PrepareAsync(journal, Handlers);
        await JournalFile.PrepareAsync(spoolFile, 0);
        var config = ConfigurationFactory.ParseString(more).WithFallback(ConfigurationFactory.ParseString(
            SqlPlugin.Sqlite("handlers", journal) + SqlPlugin.Sqlite("spool", spoolFile) + HandlerSerializer.Config + SessionMailbox.Definition + SpoolSerializer.Config
            + "akka.loglevel = WARNING\nakka.stdout-loglevel = OFF\n")).WithFallback(SqlPersistence.DefaultConfiguration);
        var system = ActorSystem.Create("alone", config);
        var history = await HistoryDatabase.OpenAsync(folder);
        var writer = new HistoryWriter(system, history);
        var context = new HandlerContext(
            Handlers, new ShardOptions(), new RuleBook(RuleSet.Empty, null), new NoRunner(), new ActionSlots(1), new DeliveryOptions { Node = "ftp1" }, new NoOtherHosts(), history, writer,
            TimeProvider.System, JournalServers.One);
        var handlers = system.ActorOf(HandlersActor.Props(context), "handlers");
        var quarantine = await QuarantineFile.OpenAsync(folder);
        var spool = system.ActorOf(
            SpoolActor.Props(new SpoolContext(quarantine, [Glob.ForName("*.part")], TimeSpan.FromMilliseconds(2))), "spool");
        _ = new Shipper(
            system, spool, handlers, new ShipperOptions { Host = "ftp1", Handlers = Handlers, Patience = TimeSpan.FromSeconds(3) }, new Horizon(), TimeProvider.System,
            NullLogger.Instance);
        return new Alone(system, new Spool(spool, quarantine), handlers, history, writer, quarantine);
    }

    /// <summary>Waits until something holds, half a minute at most.</summary>
    public static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
            await Task.Delay(20, limit.Token);
    }

    public Task CalmAsync() => Until(async () =>
    {
        if ((await spool.ReadStatusAsync()).Backlog > 0)
            return false;
        for (var handler = 0; handler < Handlers; handler++)
        {
            var status = await handlers.Ask<HandlerStatus>(new AskStatus(handler), TimeSpan.FromSeconds(5));
            if (status.Waiting > 0 || await history.ReadPositionAsync(handler) < status.Row)
                return false;
        }
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await writer.StopAsync(new CancellationToken(canceled: true));
        await system.Terminate();
        spool.Dispose();
        await history.DisposeAsync();
    }
}

internal sealed class NoRunner : IActionRunner
{
    public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel) => throw new InvalidOperationException("There are no rules.");
}
