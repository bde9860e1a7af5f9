using System.Data.Common;
using System.Text.Json;
using FtpActors.Actors.History;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests.History;

public abstract class HistoryWriteTests : HistoryFacts
{
    [Fact]
    public async Task everything_comes_back_as_it_was_written_also_the_second_time()
    {
        var session = Ended(Session("s-1"));
        (session.Path, session.Local, session.Email, session.Rate, session.BytesTotal, session.TransferStartedAt, session.RestartAt) =
            ("/a", "192.0.2.9:21", "a@b", 1.5, 9, Start, 3);
        var operation = Operation(1, "/in/a", EventKind.Rename, session: "s-1") with { PathTo = "/in/b", Flags = EventFlags.Ambiguous, Seconds = null };
        var delivery = Delivery(7, replay: "r-1");
        var index = new RowIndex(3, 5, Spool, 1, 9, 4, Start, Start.AddSeconds(9));
        var item = new HistoryItem(3, 5)
        {
            Sessions = [session], Operations = [operation], Deliveries = [delivery], Tries = [(7, Try(1)), (7, Try(2))], Index = [index],
        };

        for (var time = 0; time < 2; time++)
        {
            await Database.WriteAsync([item]);

            Assert.Equal(Text(session), Text(Assert.Single(await Database.QuerySessionsAsync(new SessionQuery()).ToListAsync())));
            Assert.Equal(operation, Assert.Single(await Database.QueryOperationsAsync(new OperationQuery()).ToListAsync()));
            Assert.Equal(delivery, await Database.ReadDeliveryAsync(7));
            Assert.Equal([Try(1), Try(2)], await Database.ReadTriesAsync(7));
            Assert.Equal([index], await Database.ReadIndexAsync(new IndexQuery()).ToListAsync());
            Assert.Equal(5, await Database.ReadPositionAsync(3));
        }
        Assert.Null(await Database.ReadDeliveryAsync(8));
        Assert.Equal(0, await Database.ReadPositionAsync(4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_lower_row_never_overwrites_a_higher_one(bool inOneBatch)
    {
        HistoryItem[] items =
        [
            Item(2, Session("s-1", user: "second")) with { Deliveries = [Delivery(1, state: DeliveryState.Done)] },
            Item(1, Session("s-1", user: "first")) with { Deliveries = [Delivery(1)] },
        ];
        foreach (var batch in inOneBatch ? [items] : items.Select(i => new[] { i }))
            await Database.WriteAsync(batch);

        Assert.Equal("second", Assert.Single(await Database.QuerySessionsAsync(new SessionQuery()).ToListAsync()).User);
        Assert.Equal(DeliveryState.Done, (await Database.ReadDeliveryAsync(1))!.State);
        Assert.Equal(2, await Database.ReadPositionAsync(0));
    }

    [Fact]
    public async Task a_failed_transaction_leaves_neither_data_nor_position_and_the_next_one_works()
    {
        await Database.WriteAsync([Item(1, Session("s-1"))]);
        var broken = Item(2, Session("s-2")) with { Tries = [(1, Try(1) with { Summary = null! })] };

        await Assert.ThrowsAnyAsync<DbException>(() => Database.WriteAsync([broken]));

        Assert.Equal((1L, "s-1"), (await Database.ReadPositionAsync(0), Assert.Single(await SessionsAsync())));
        await Database.WriteAsync([Item(2, Session("s-2"))]);
        Assert.Equal((2L, 2), (await Database.ReadPositionAsync(0), (await SessionsAsync()).Count));
    }

    [Fact]
    public async Task a_rebuild_replaces_and_removes_sessions_but_not_those_of_later_rows()
    {
        await Database.WriteAsync([Item(5, Session("old"), Session("gone")), Item(9, Session("later", user: "later"), Session("stays"))]);

        await Database.ReplaceSessionsAsync(
            0, 7, [Session("old", minute: 3, user: "new"), Session("later", user: "stale"), Session("found")], ["gone", "stays"]);

        var sessions = (await Database.QuerySessionsAsync(new SessionQuery()).ToListAsync()).ToDictionary(s => s.Id);
        Assert.Equal(["found", "later", "old", "stays"], sessions.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("new", Start.AddMinutes(3), "later"), (sessions["old"].User, sessions["old"].OpenedAt, sessions["later"].User));
        Assert.Equal(9, await Database.ReadPositionAsync(0));
    }

    [Fact]
    public void only_what_was_done_to_a_file_is_an_operation()
    {
        Assert.All(Enum.GetValues<EventKind>(), kind => Assert.Equal(
            kind is not (EventKind.Login or EventKind.LoginFailed or EventKind.Logout or EventKind.Progress),
            FileOperation.Of(new StoredEvent(Spool, 1, Event(1, "/a", kind)), null, 0) is not null));
        Assert.Null(FileOperation.Of(new StoredEvent(Spool, 1, Event(1, "/a") with { Path = null }), null, 0));
    }

    private static string Text(SessionRecord session) => JsonSerializer.Serialize(session);
}
