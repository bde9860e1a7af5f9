using Akka.Actor;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;
using FtpActors.Tests.Shared;

namespace FtpActors.Actors.Tests.Handlers;

/// <summary>Promise 3, its last fence: the key of the journal. Two nodes that both believe to own a handler, on one PostgreSQL.</summary>
public sealed class StaleHandlerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-stale-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_stale_handler_is_refused_and_whoever_is_refused_loses_nothing()
    {
        var database = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync());
        await using var old = await HandlerEngine.StartAsync(_folder, handlers: 1, database: database);
        await old.TakeAsync(0, Events(1, 10));
        await old.CalmAsync();
        // The new owner begins where the old one stands, and goes on; the old one knows nothing of it, as after a thaw.
        await using var owner = await HandlerEngine.StartAsync(_folder, handlers: 1, database: database);
        Assert.Equal(10, (await owner.AskAsync<EventsStand>(new AskPosition(0, HandlerEngine.Spool))).Seq);
        await owner.TakeAsync(0, Events(11, 20));

        // It has events that it takes for new, and its next row is taken: nobody is told that they are stored. It begins anew from the journal.
        old.Handlers.Tell(new TakeEvents(0, HandlerEngine.Spool, "ftp1", 10, Events(11, 14), null), ActorRefs.NoSender);
        await Eventually.IsAsync(async () => (await old.AskAsync<EventsStand>(new AskPosition(0, HandlerEngine.Spool))).Seq == 20);
        // And the other way round: the old one writes one more row, and the owner's next one is refused.
        Assert.Equal(
            new EventsStand(0, HandlerEngine.Spool, 25),
            await old.Handlers.Ask<EventsStand>(new TakeEvents(0, HandlerEngine.Spool, "ftp1", 20, Events(21, 25), null), HandlerEngine.Patience));
        owner.Handlers.Tell(new TakeEvents(0, HandlerEngine.Spool, "ftp1", 20, Events(21, 30), null), ActorRefs.NoSender);
        await Eventually.IsAsync(async () => (await owner.AskAsync<EventsStand>(new AskPosition(0, HandlerEngine.Spool))).Seq == 25);
        var stand = await owner.Handlers.Ask<EventsStand>(new TakeEvents(0, HandlerEngine.Spool, "ftp1", 25, Events(26, 30), null), HandlerEngine.Patience);
        Assert.Equal(new EventsStand(0, HandlerEngine.Spool, 30), stand);

        await owner.CalmAsync();
        Assert.Equal(30, (await owner.SessionsAsync()).Sum(s => s.Uploads));
        Assert.Equal(0, await postgres.Server.ReadAsync<long>(
            "SELECT count(*) FROM (SELECT 1 FROM journal GROUP BY persistence_id, sequence_number HAVING count(*) > 1) twice", DatabaseOf(database)));
    }

    private static string DatabaseOf(string connection) => new Npgsql.NpgsqlConnectionStringBuilder(connection).Database!;

    private static List<StoredEvent> Events(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(seq => new StoredEvent(HandlerEngine.Spool, seq, new FtpEvent
    {
        ReceivedAt = DateTimeOffset.UtcNow.AddMinutes(-10).AddSeconds(seq), Kind = EventKind.Upload, Host = "ftp1", Source = "queue", Service = "", User = "ann", RemoteHost = "192.0.2.1",
        Path = $"/in/{seq}", Bytes = 1, Status = EventStatus.Ok,
    }))];
}
