using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Shipping;
using FtpActors.Ingest.Spooling;
using FtpActors.Journal;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Tests.Engine;

/// <summary>The way of an event from the spool to the history, on real SQLite files.</summary>
public sealed class WholeWayTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-engine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_sources_append_is_counted_exactly_once_whatever_ends_in_between()
    {
        var events = Enumerable.Range(0, 500).SelectMany(i => Session($"user{i}")).ToList();
        await using (var node = await Alone.StartAsync(_folder))
        {
            // Ended while it ships.
            for (var i = 0; i < 1500; i += 30)
                await node.Spool.AppendAsync(new SourceBatch("src", events[i..(i + 30)], [], BitConverter.GetBytes(i)));
        }
        await using (var node = await Alone.StartAsync(_folder))
        {
            Assert.Equal(1470, BitConverter.ToInt32(await node.Spool.ReadSourceStateAsync("src")));
            Assert.Equal(1501, await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Login, "late")], [])));
            await node.CalmAsync();
            var sessions = await node.History.QuerySessionsAsync(new SessionQuery()).ToListAsync();
            Assert.Equal(501, sessions.Count);
            Assert.All(sessions.Where(s => s.User != "late"), s => Assert.Equal((SessionEnded.Logout, 1, 7L), (s.Ended, s.Uploads, s.BytesUp)));
            Assert.Equal(500, await node.History.QueryOperationsAsync(new OperationQuery()).CountAsync());
        }
    }

    [Fact]
    public async Task Shipped_rows_leave_the_spool_and_its_bookmarks_stay()
    {
        await using (var node = await Alone.StartAsync(_folder))
        {
            await Until(async () =>
            {
                await node.Spool.AppendAsync(new SourceBatch("src", Session("anna"), [], [1, 2, 3]));
                return Count("spool.db", "journal") is > 0 and < 20 && Count("spool.db", "snapshot") > 0;
            });
        }
        await using (var node = await Alone.StartAsync(_folder))
        {
            Assert.Equal([1, 2, 3], await node.Spool.ReadSourceStateAsync("src"));
            await node.CalmAsync();
        }
    }

    [Fact]
    public async Task What_could_not_be_decoded_is_kept_and_is_an_event_when_it_is_released()
    {
        await using var node = await Alone.StartAsync(_folder);
        await node.Spool.AppendAsync(new SourceBatch("src", [], [new QuarantinedMessage(Start, "src", "type 1", "no idea", [0, 255, 10])]));
        await Until(async () => await node.Spool.QueryQuarantineAsync(default).AnyAsync());
        var entry = await node.Spool.QueryQuarantineAsync(default).SingleAsync();
        Assert.Equal(("no idea", "00FF0A"), (entry.Message.Reason, Convert.ToHexString(entry.Message.Bytes)));

        Assert.True(await node.Spool.ReleaseQuarantineAsync(entry.Id, Event(EventKind.Login, "anna")));
        Assert.False(await node.Spool.ReleaseQuarantineAsync(entry.Id, Event(EventKind.Login, "anna")));
        await node.CalmAsync();
        Assert.Equal("anna", (await node.History.QuerySessionsAsync(new SessionQuery()).SingleAsync()).User);
        Assert.Empty(await node.Spool.QueryQuarantineAsync(default).ToListAsync());
    }

    [Fact]
    public async Task An_upload_that_is_renamed_after_a_restart_has_its_final_name()
    {
        await using (var node = await Alone.StartAsync(_folder))
            await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Login, "anna"), Event(EventKind.Upload, "anna", "/a.part")], []));
        await using (var node = await Alone.StartAsync(_folder))
        {
            await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Rename, "anna", "/a.part") with { PathTo = "/a" }], []));
            await node.CalmAsync();
            Assert.Equal("/a.part", (await node.History.QueryOperationsAsync(new OperationQuery { Path = "/a", Kind = EventKind.Upload }).SingleAsync()).PathFrom);
        }
    }

    private static FtpEvent Event(EventKind kind, string user, string? path = null) => new()
    {
        ReceivedAt = Start, Kind = kind, Host = "ftp1", Source = "src", Service = "site", User = user, RemoteHost = "10.0.0.1", Path = path, Bytes = path is null ? null : 7,
        Status = EventStatus.Ok,
    };

    private static List<FtpEvent> Session(string user) => [Event(EventKind.Login, user), Event(EventKind.Upload, user, "/a"), Event(EventKind.Logout, user)];

    private long Count(string file, string table)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, file)}");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this test.
        command.CommandText = $"SELECT count(*) FROM {table}";
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
            await Task.Delay(20, limit.Token);
    }

    /// <summary>Spool, shipper, handlers and history of one node, without sources. It ends as a kill would, as far as that can be done in a process.</summary>
    private sealed class Alone(ActorSystem system, Spool spool, IActorRef handlers, HistoryDatabase history, HistoryWriter writer) : IAsyncDisposable
    {
        private const int Handlers = 2;

        public Spool Spool => spool;

        public HistoryDatabase History => history;

        public static async Task<Alone> StartAsync(string folder)
        {
            var (journal, spoolFile) = (Path.Combine(folder, "journal.db"), Path.Combine(folder, "spool.db"));
            await SqlPlugin.PrepareAsync(journal);
            await SqlPlugin.PrepareAsync(spoolFile);
            var config = ConfigurationFactory.ParseString(
                SqlPlugin.Config("handlers", journal) + SqlPlugin.Config("spool", spoolFile) + HandlerSerializer.Config + SpoolSerializer.Config
                + "akka.loglevel = WARNING\nakka.stdout-loglevel = OFF\n").WithFallback(SqlPersistence.DefaultConfiguration);
            var system = ActorSystem.Create("alone", config);
            var history = await HistoryDatabase.OpenAsync(folder);
            var writer = new HistoryWriter(system, history);
            var context = new HandlerContext(
                Handlers, new ShardOptions(), new RuleBook(RuleSet.Empty, null), new NoRunner(), new ActionSlots(1), new DeliveryOptions { Node = "ftp1" }, history, writer,
                TimeProvider.System);
            var handlers = system.ActorOf(HandlersActor.Props(context), "handlers");
            var quarantine = await QuarantineFile.OpenAsync(folder);
            var spool = system.ActorOf(
                SpoolActor.Props(new SpoolContext(quarantine, [Glob.ForName("*.part")], TimeSpan.FromMilliseconds(2))), "spool");
            _ = new Shipper(
                system, spool, handlers, new ShipperOptions { Host = "ftp1", Handlers = Handlers, Patience = TimeSpan.FromSeconds(3) }, new Horizon(), TimeProvider.System,
                NullLogger.Instance);
            return new Alone(system, new Spool(spool, quarantine), handlers, history, writer);
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

    private sealed class NoRunner : IActionRunner
    {
        public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel) => throw new InvalidOperationException("There are no rules.");
    }
}
