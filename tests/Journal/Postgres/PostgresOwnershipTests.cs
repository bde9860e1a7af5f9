using FtpActors.Journal.Postgres;

namespace FtpActors.Journal.Tests.Postgres;

[Collection("postgres")]
public sealed class PostgresOwnershipTests(PostgresServer server)
{
    [Fact]
    public async Task ten_nodes_that_start_at_once_find_one_journal()
    {
        var database = await server.MakeDatabaseAsync();

        var journals = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => server.OpenAsync(database)));

        await journals[0].AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 10));
        Assert.Equal(10, (await journals[9].ReadAllAsync("s")).Count);
        foreach (var journal in journals)
            await journal.DisposeAsync();
    }

    [Fact]
    public async Task a_shard_that_another_node_holds_is_refused_by_the_name_of_its_owner_until_it_is_given_back()
    {
        var database = await server.MakeDatabaseAsync();
        await using var first = await server.OpenAsync(database);
        await using var second = await server.OpenAsync(database);
        var lease = await first.TakeShardAsync(1, "node-one");

        var e = await Assert.ThrowsAsync<ShardHeldException>(() => second.TakeShardAsync(1, "node-two"));
        Assert.Contains("node-one", e.Message, StringComparison.Ordinal);

        await first.GiveBackShardAsync(1);
        Assert.Equal(lease.Epoch + 1, (await second.TakeShardAsync(1, "node-two")).Epoch);
        await Assert.ThrowsAsync<ShardLostException>(() => first.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 0, 0)));
    }

    [Fact]
    public async Task an_owner_whose_session_the_server_ended_has_lost_its_shard_for_good()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await server.OpenAsync(database);
        var lease = await journal.TakeShardAsync(1, "node-one");
        await journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0));

        await server.ExecuteAsync(database, "SELECT pg_terminate_backend(owner_pid) FROM shard WHERE id = 1");

        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [TestEvents.Session("x-1")], 0, 0)));
        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [TestEvents.Session("x-1")], 0, 0)));
        var again = await journal.TakeShardAsync(1, "node-one");
        Assert.Equal(lease.Epoch + 1, again.Epoch);
        Assert.Empty(again.OpenSessions);
    }

    [Fact]
    public async Task a_node_that_owns_nothing_hears_at_once_that_another_has_appended()
    {
        var database = await server.MakeDatabaseAsync();
        await using var writer = await server.OpenAsync(database);
        await using var reader = await PostgresJournal.OpenAsync(
            new PostgresJournalOptions { Connection = server.Connection(database), Shards = 4, Poll = TimeSpan.FromHours(1) });
        using var rung = new SemaphoreSlim(0);
        reader.OnAppend(() => rung.Release());
        // The ring of the moment in which it begins to listen.
        Assert.True(await rung.WaitAsync(TimeSpan.FromSeconds(60)));

        for (var i = 0; i < 3; i++)
        {
            await writer.AppendAsync("s", "ftp1", i, TestEvents.Range(i, 1));
            Assert.True(await rung.WaitAsync(TimeSpan.FromSeconds(60)), $"append {i}");
        }
    }
}
