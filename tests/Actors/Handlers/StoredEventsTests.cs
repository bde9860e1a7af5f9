using Akka.Actor;
using FtpActors.Actors.Reading;
using FtpActors.Actors.Stored;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests.Handlers;

public sealed class StoredEventsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-events-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_event_that_is_durable_is_in_every_answer_also_while_the_history_takes_it_over()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        var events = new StoredEventsReader(new HandlerJournals(engine.System, engine.History, 1, JournalServers.One));
        for (var row = 1; row <= 30; row++)
        {
            // A spool of its own for each: that it exists at all is what may be missed.
            var spool = $"{row:x16}";
            var stand = await engine.Handlers.Ask<EventsStand>(new TakeEvents(0, spool, "ftp1", 0, [new StoredEvent(spool, 1, Event(EventKind.Login, 0))], null), HandlerEngine.Patience);
            Assert.False(stand.IsRefusal);
            bool isTakenOver;
            do
            {
                isTakenOver = await engine.History.ReadPositionAsync(0) >= row;
                Assert.Equal(row, await events.QueryAsync(new EventQuery(), CancellationToken.None).CountAsync());
            }
            while (!isTakenOver);
        }
    }
}
