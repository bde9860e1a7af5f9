using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>Servers that crash, that take over from each other, and that are not the journal's at all.</summary>
public sealed class PostgresFailoverTests
{
    [Fact]
    public async Task after_a_failover_owners_of_the_old_primary_step_down_and_the_new_one_gives_higher_epochs()
    {
        await using var primary = await OwnServer.StartAsync();
        await primary.ExecuteAsync("CREATE DATABASE journal");
        await using var standby = await primary.MakeStandbyAsync();
        // Both still say that they are primaries after the promotion: the old one does not know, and nobody has stopped it.
        await using var one = await OpenAsync(OwnServer.Connection("journal", primary, standby) + ";Target Session Attributes=primary");
        await using var two = await OpenAsync(OwnServer.Connection("journal", primary, standby));
        await one.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 10));
        var (first, second) = (await one.TakeShardAsync(1, "one"), await two.TakeShardAsync(2, "two"));
        await one.CommitAsync(new ShardStep(1, first.Epoch, [new Checkpoint("s", 4, [])], [], 1, 0));
        await CaughtUpAsync(primary, standby);

        await standby.PromoteAsync();

        await LosesAsync(one, first);
        await LosesAsync(two, second);
        var (oldEpoch, oldSteps) = (await EpochAsync(primary, 1), await StepsAsync(primary));
        // The other way round than before.
        var again = (await Eventually.TakeAsync(two, 1, "two")).Lease;
        Assert.True(again.Epoch > first.Epoch);
        Assert.Equal(4, Assert.Single(again.Checkpoints).Seq);
        await two.CommitAsync(new ShardStep(1, again.Epoch, [new Checkpoint("s", 10, [])], [], 1, 0));
        await one.AppendAsync("s", "ftp1", 10, TestEvents.Range(10, 5));

        Assert.Equal((oldEpoch, oldSteps), (await EpochAsync(primary, 1), await StepsAsync(primary)));
        Assert.Equal((2, again.Epoch), (await standby.ReadAsync<int>("SELECT timeline FROM shard WHERE id = 1", "journal"), await EpochAsync(standby, 1)));
        Assert.Equal((10, 15), (
            await primary.ReadAsync<long>("SELECT last_seq FROM spool", "journal"), await standby.ReadAsync<long>("SELECT last_seq FROM spool", "journal")));
    }

    [Fact]
    public async Task when_the_primary_has_died_its_standby_is_used_as_soon_as_it_is_promoted()
    {
        await using var primary = await OwnServer.StartAsync();
        await primary.ExecuteAsync("CREATE DATABASE journal");
        await using var standby = await primary.MakeStandbyAsync();
        await using var journal = await OpenAsync(OwnServer.Connection("journal", primary, standby));
        var lease = await journal.TakeShardAsync(1, "me");
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 10));
        await CaughtUpAsync(primary, standby);

        await primary.StopAsync();
        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.TakeShardAsync(1, "me"));
        await standby.PromoteAsync();

        Assert.Equal(lease.Epoch + 1, (await Eventually.TakeAsync(journal, 1, "me")).Lease.Epoch);
        await journal.AppendAsync("s", "ftp1", 10, TestEvents.Range(10, 10));
        Assert.Equal(20, (await journal.ReadAllAsync("s")).Count);

        // It comes back as it was, still a primary in its own eyes.
        await primary.StartAgainAsync();
        await journal.AppendAsync("s", "ftp1", 20, TestEvents.Range(20, 1));
        Assert.Equal((10, 21), (
            await primary.ReadAsync<long>("SELECT last_seq FROM spool", "journal"), await standby.ReadAsync<long>("SELECT last_seq FROM spool", "journal")));
    }

    [Fact]
    public async Task a_standby_alone_is_refused()
    {
        await using var primary = await OwnServer.StartAsync();
        await using var standby = await primary.MakeStandbyAsync();

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync(standby.Connection()));

        Assert.Contains("is a standby", e.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{standby.Port}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_server_that_crashed_and_came_back_is_used_again_and_has_all_that_was_answered()
    {
        await using var server = await OwnServer.StartAsync();
        await using var journal = await OpenAsync(server.Connection());
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 10));
        var lease = await journal.TakeShardAsync(1, "me");
        await journal.CommitAsync(new ShardStep(1, lease.Epoch, [new Checkpoint("s", 4, [])], [], 1, 0));

        await server.StopAsync();
        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.AppendAsync("s", "ftp1", 10, TestEvents.Range(10, 10)));
        await server.StartAgainAsync();

        var again = (await Eventually.TakeAsync(journal, 1, "me")).Lease;
        Assert.Equal((lease.Epoch + 1, 4L), (again.Epoch, Assert.Single(again.Checkpoints).Seq));
        await journal.AppendAsync("s", "ftp1", 10, TestEvents.Range(10, 10));
        Assert.Equal(20, (await journal.ReadAllAsync("s")).Count);
    }

    [Fact]
    public async Task a_wrong_password_is_told_without_the_password()
    {
        await using var server = await OwnServer.StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.Connection()) { Password = "Tr0ub4dor" }.ConnectionString;

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync(wrong));

        Assert.Contains("does not let this user in", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Tr0ub4dor", e.ToString(), StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync("Password=Tr0ub4dor;Nonsense=1"));
        Assert.DoesNotContain("Tr0ub4dor", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_copy_of_a_journal_on_another_server_is_refused_until_its_owner_says_that_it_is_the_journal_now()
    {
        await using var server = await OwnServer.StartAsync();
        await (await OpenAsync(server.Connection())).DisposeAsync();
        var real = await server.ReadAsync<string>("SELECT system FROM journal");
        Assert.Equal(await server.ReadAsync<string>("SELECT system_identifier::text FROM pg_control_system()"), real);
        // What a restored dump looks like.
        await server.ExecuteAsync("UPDATE journal SET system = '1234567890'");

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync(server.Connection()));

        Assert.Contains("1234567890", e.Message, StringComparison.Ordinal);
        await server.ExecuteAsync(e.Message[e.Message.IndexOf("UPDATE journal", StringComparison.Ordinal)..]);
        await using var journal = await OpenAsync(server.Connection());
        Assert.Equal((1, 1), ((await journal.TakeShardAsync(1, "me")).Epoch, await server.ReadAsync<int>("SELECT timeline FROM shard WHERE id = 1")));
    }

    [Fact]
    public async Task a_server_that_does_not_tell_its_identifier_is_used_and_the_operator_told_what_that_means()
    {
        await using var server = await OwnServer.StartAsync();
        await server.ExecuteAsync("CREATE ROLE plain LOGIN PASSWORD 's3cret'");
        await server.ExecuteAsync("CREATE DATABASE journal OWNER plain");
        await server.ExecuteAsync("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", "journal");
        var told = new List<string>();
        var plain = new NpgsqlConnectionStringBuilder(server.Connection("journal")) { Username = "plain" }.ConnectionString;

        await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(plain) with { Trouble = told.Add });

        Assert.Contains("pg_control_system", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(1, (await journal.TakeShardAsync(1, "me")).Epoch);
    }

    private static Task<PostgresJournal> OpenAsync(string connection) => PostgresJournal.OpenAsync(OwnServer.Options(connection));

    private static Task<TimeSpan> CaughtUpAsync(OwnServer primary, OwnServer standby) => Eventually.IsTrueAsync(
        async () => await standby.ReadAsync<bool>($"SELECT pg_last_wal_replay_lsn() >= '{await primary.ReadAsync<string>("SELECT pg_current_wal_lsn()::text")}'"),
        "the standby caught up");

    /// <summary>It has lost the shard and no commit of it succeeds any more.</summary>
    private static async Task LosesAsync(PostgresJournal journal, ShardLease lease)
    {
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                await journal.CommitAsync(new ShardStep(lease.Shard, lease.Epoch, [], [], 0, 1));
                return false;
            }
            catch (ShardLostException e)
            {
                Assert.Contains("timeline 2", e.Message, StringComparison.Ordinal);
                return true;
            }
        }, "the owner stepped down");
        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(new ShardStep(lease.Shard, lease.Epoch, [], [], 0, 1)));
    }

    private static Task<long> EpochAsync(OwnServer server, int shard) => server.ReadAsync<long>($"SELECT epoch FROM shard WHERE id = {shard}", "journal");

    private static Task<long> StepsAsync(OwnServer server) => server.ReadAsync<long>("SELECT sum(duplicates + reordered)::bigint FROM shard", "journal");
}
