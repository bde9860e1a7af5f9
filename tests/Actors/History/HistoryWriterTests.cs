using System.Text;
using Akka.Actor;
using FtpActors.Actors.History;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Tests.History;

public sealed class HistoryWriterTests : HistoryFacts
{
    private readonly ActorSystem _system = ActorSystem.Create("history");

    public override async Task DisposeAsync()
    {
        await _system.Terminate();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task everything_that_was_offered_is_written_and_told_in_order_before_the_writer_stops()
    {
        await using var writer = new HistoryWriter(_system, Database);
        using var inbox = Inbox.Create(_system);

        for (var row = 1; row <= 300; row++)
            _ = writer.OfferAsync(Item(row, Session($"s-{row}")), inbox.Receiver);
        await writer.StopAsync();

        Assert.Equal(300, (await SessionsAsync()).Count);
        for (var row = 1; row <= 300; row++)
            Assert.Equal(new HistoryWritten(0, row), await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.OfferAsync(Item(301)));
    }

    [Fact]
    public async Task while_the_file_is_locked_offers_wait_the_trouble_is_shown_and_then_all_is_written()
    {
        await using var writer = new HistoryWriter(_system, Database);
        await using var other = Other();
        Execute(other, "BEGIN IMMEDIATE");

        var offers = Enumerable.Range(1, 200).Select(row => writer.OfferAsync(Item(row, Session("s-1", user: $"user{row}")))).ToList();
        await Eventually.IsTrueAsync(() => writer.Trouble is not null, "the trouble is shown");
        Assert.Contains("locked", writer.Trouble, StringComparison.Ordinal);
        Assert.DoesNotContain(offers, o => o.IsCompleted);
        Assert.Equal(0, await Database.ReadPositionAsync(0));
        Execute(other, "ROLLBACK");
        await Task.WhenAll(offers);

        Assert.Null(writer.Trouble);
        Assert.Equal(200, await Database.ReadPositionAsync(0));
        Assert.Equal("user200", Assert.Single(await Database.QuerySessionsAsync(new SessionQuery()).ToListAsync()).User);
    }

    [Fact]
    public async Task a_row_that_the_database_refuses_for_ever_is_put_aside_with_its_reason_and_all_else_is_written()
    {
        await using (var other = Other())
            Execute(other, "CREATE TRIGGER refuse BEFORE INSERT ON session WHEN NEW.user = 'poison' BEGIN SELECT RAISE(ABORT, 'it is poison'); END");
        using var inbox = Inbox.Create(_system);
        _system.EventStream.Subscribe(inbox.Receiver, typeof(PutAside));
        await using var writer = new HistoryWriter(_system, Database);

        await Task.WhenAll(
            writer.OfferAsync(Item(1, Session("s-1"))),
            writer.OfferAsync(Item(2, Session("s-2", user: "poison"), Session("s-3")) with { Operations = [Operation(1, "/a")] }),
            writer.OfferAsync(Item(3, Session("s-4"))));

        var aside = Assert.IsType<PutAside>(await inbox.ReceiveAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal((PutAside.History, "session s-2, of row 2 of handler 0"), (aside.Source, aside.Place));
        Assert.Contains("it is poison", aside.Reason, StringComparison.Ordinal);
        Assert.Contains("poison", Encoding.UTF8.GetString(aside.Bytes), StringComparison.Ordinal);
        Assert.Equal((1, null), (writer.PutAside, writer.Trouble));
        Assert.Equal(["s-1", "s-3", "s-4"], await SessionsAsync());
        Assert.Equal([1L], await OperationsAsync());
        Assert.Equal(3, await Database.ReadPositionAsync(0));
    }

    [Fact]
    public async Task a_writer_that_is_given_up_ends_and_refuses_what_it_did_not_write()
    {
        await using var other = Other();
        Execute(other, "BEGIN IMMEDIATE");
        await using var writer = new HistoryWriter(_system, Database);
        var offers = Enumerable.Range(1, 100).Select(row => writer.OfferAsync(Item(row))).ToList();

        using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await writer.StopAsync(giveUp.Token);

        foreach (var offer in offers)
            await Assert.ThrowsAsync<InvalidOperationException>(() => offer);
        Execute(other, "ROLLBACK");
    }

    [Fact]
    public async Task queries_go_on_while_the_writer_writes()
    {
        await using var writer = new HistoryWriter(_system, Database);
        var writing = Task.WhenAll(Enumerable.Range(1, 100).Select(row => writer.OfferAsync(
            new HistoryItem(0, row) { Operations = [.. Enumerable.Range(row * 100, 100).Select(seq => Operation(seq, "/a"))] })));

        do
        {
            var (position, seen) = (await Database.ReadPositionAsync(0), await OperationsAsync());
            Assert.True(seen.Count >= position * 100);
            Assert.Equal(seen.Order(), seen);
        }
        while (!writing.IsCompleted);
        await writing;

        Assert.Equal(10_000, (await OperationsAsync()).Count);
    }

    [Fact]
    public async Task a_slow_reader_does_not_hold_up_a_write()
    {
        await Database.WriteAsync([Item(1, [.. Enumerable.Range(0, 1200).Select(i => Session($"s-{i:0000}", i))])]);
        var seen = 0;
        await foreach (var session in Database.QuerySessionsAsync(new SessionQuery()))
        {
            if (seen++ % 300 == 0)
                await Database.WriteAsync([Item(1 + seen, Session(session.Id, user: "seen"))]);
        }
        Assert.Equal(1200, seen);
    }

    private SqliteConnection Other()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, HistoryDatabase.FileName)};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
