using Akka.Actor;
using FtpActors.Actors.History;
using FtpActors.Protocol;
using FtpActors.Tests.Shared;

namespace FtpActors.Actors.Tests.History;

public sealed class PostgresHistoryQueryTests(PostgresFixture postgres) : HistoryQueryTests, IClassFixture<PostgresFixture>
{
    protected override Task<HistoryDatabase> OpenAsync() => postgres.OpenHistoryAsync();
}

public sealed class PostgresHistoryRetentionTests(PostgresFixture postgres) : HistoryRetentionTests, IClassFixture<PostgresFixture>
{
    protected override Task<HistoryDatabase> OpenAsync() => postgres.OpenHistoryAsync();
}

public sealed class PostgresHistoryWriteTests(PostgresFixture postgres) : HistoryWriteTests, IClassFixture<PostgresFixture>
{
    private string _connection = "";

    protected override async Task<HistoryDatabase> OpenAsync()
    {
        _connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync());
        return await HistoryDatabase.OpenPostgresAsync(_connection);
    }

    [Fact]
    public async Task nodes_that_open_it_at_once_make_its_tables_once_and_each_sees_what_the_other_writes()
    {
        var connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync());
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => HistoryDatabase.OpenPostgresAsync(connection)));
        await Task.WhenAll(opened.Select((database, node) => database.WriteAsync([new HistoryItem(node, 1) { Sessions = [Session($"s-{node}")] }])));
        foreach (var database in opened)
        {
            Assert.Equal(4, (await database.QuerySessionsAsync(new SessionQuery()).ToListAsync()).Count);
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task the_late_write_of_a_node_that_was_frozen_harms_nothing()
    {
        await using var frozen = await HistoryDatabase.OpenPostgresAsync(_connection);
        await Database.WriteAsync([Item(7, Session("s-1", user: "new"))]);
        await frozen.WriteAsync([Item(5, Session("s-1", user: "stale"))]);
        Assert.Equal("new", Assert.Single(await Database.QuerySessionsAsync(new SessionQuery()).ToListAsync()).User);
        Assert.Equal(7, await Database.ReadPositionAsync(0));
    }

    [Fact]
    public async Task a_text_with_NUL_is_written_and_two_nodes_that_write_the_same_rows_do_not_lock_each_other_up()
    {
        await Database.WriteAsync([Item(1) with { Deliveries = [Delivery(1)], Tries = [(1, Try(1) with { FirstOutput = "a\0b" })] }]);
        Assert.Equal(@"a\x00b", Assert.Single(await Database.ReadTriesAsync(1)).FirstOutput);

        await using var other = await HistoryDatabase.OpenPostgresAsync(_connection);
        for (var round = 0; round < 10; round++)
        {
            var rows = Enumerable.Range(round * 3000, 3000).Select(seq => Operation(seq, "/a")).ToList();
            await Task.WhenAll(
                Database.WriteAsync([Item(2 + round) with { Operations = rows }]),
                other.WriteAsync([new HistoryItem(1, 2 + round) { Operations = [.. Enumerable.Reverse(rows)] }]));
        }
        Assert.Equal(30_000, (await OperationsAsync()).Count);
    }

    [Theory]
    [InlineData("100%_of\\it", "100%*", "100x_of")]
    [InlineData("a_b", "a_*", "axb")]
    [InlineData("back\\slash", "back\\*", "back/slash")]
    [InlineData("it's \"so\"", "it's*", "its so")]
    public async Task a_name_with_signs_that_mean_something_to_a_database_is_found_by_itself_only(string name, string filter, string other)
    {
        await Database.WriteAsync([Item(1) with { Operations = [Operation(1, name), Operation(2, other), Operation(3, ReversibleText.FromBytes([0xff, 0, (byte)'%']))] }]);
        Assert.Equal([1], await OperationsAsync(new OperationQuery { Path = filter }));
        Assert.Equal([1], await OperationsAsync(new OperationQuery { Path = name }));
        Assert.Equal([3], await OperationsAsync(new OperationQuery { Path = "*%" }));
    }
}

public sealed class PostgresHistoryRestartTests : HistoryFacts
{
    private readonly ActorSystem _system = ActorSystem.Create("history");
    private PostgresServer _server = null!;

    protected override async Task<HistoryDatabase> OpenAsync()
    {
        _server = await PostgresServer.StartAsync();
        return await HistoryDatabase.OpenPostgresAsync(_server.Connection());
    }

    public override async Task DisposeAsync()
    {
        await _system.Terminate();
        await base.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task a_server_that_crashes_holds_up_the_writer_and_nothing_is_left_out()
    {
        await using var writer = new HistoryWriter(_system, Database);
        await writer.OfferAsync(Item(1, Session("s-1")));
        await _server.CrashAsync();
        var offered = writer.OfferAsync(Item(2, Session("s-2")));
        await Eventually.IsTrueAsync(() => writer.Trouble is not null, "the trouble is shown");
        await _server.StartAgainAsync();
        await offered.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Null(writer.Trouble);
        Assert.Equal(["s-1", "s-2"], await SessionsAsync());
    }
}

internal static class PostgresHistories
{
    public static async Task<HistoryDatabase> OpenHistoryAsync(this PostgresFixture postgres) =>
        await HistoryDatabase.OpenPostgresAsync(postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()));
}
