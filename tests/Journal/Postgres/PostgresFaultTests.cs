using System.Diagnostics;
using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>One writer per shard and no event twice, whatever the way to the server does.</summary>
[Collection("postgres")]
public sealed class PostgresFaultTests(PostgresServer server)
{
    [Fact]
    public async Task an_owner_that_is_frozen_loses_its_shard_after_its_lease_and_on_thaw_writes_nothing()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await OpenAsync(server.Connection(database));
        using var child = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "own", server.Connection(database)]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("taken", await child.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
            await Eventually.IsTrueAsync(async () => await StepsAsync(database) > 20, "the child committed");

            await SignalAsync(child, "-STOP");
            var (lease, after) = await Eventually.TakeAsync(journal, 1, "me");
            var steps = await StepsAsync(database);
            await SignalAsync(child, "-CONT");

            Assert.Equal("lost", await child.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Equal(2, lease.Epoch);
            Assert.True(after > OwnServer.Lease / 2, $"The shard was free after {after}.");
            Assert.Equal((steps, "me"), (await StepsAsync(database), await server.ReadAsync<string>(database, "SELECT owner FROM shard WHERE id = 1")));
            await journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0));
            Assert.Equal(steps + 1, await StepsAsync(database));
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task an_owner_behind_a_way_that_stopped_relaying_loses_its_shard_after_its_lease_and_knows_before_that_nothing_is_confirmed()
    {
        var database = await server.MakeDatabaseAsync();
        await using var relay = new Relay(server.Port);
        await using var cut = await OpenAsync(Through(relay, database));
        await using var other = await OpenAsync(server.Connection(database));
        var old = await cut.TakeShardAsync(1, "cut");
        await cut.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 5));
        Assert.True(((IDeliveries)cut).IsConfirmed(1, old.Epoch));
        Assert.False(((IDeliveries)cut).IsConfirmed(1, old.Epoch + 1));
        Assert.False(((IDeliveries)cut).IsConfirmed(2, old.Epoch));

        relay.Stall("ftpactors shard");
        var stale = cut.CommitAsync(new ShardStep(1, old.Epoch, [new Checkpoint("s", 5, [])], [TestEvents.Session("x-1")], 1, 0));
        var unconfirmed = Eventually.IsTrueAsync(() => !((IDeliveries)cut).IsConfirmed(1, old.Epoch), "the silence was noticed");
        var (lease, _) = await Eventually.TakeAsync(other, 1, "other");

        Assert.True(unconfirmed.IsCompletedSuccessfully, "The shard was free before its owner stopped acting for it.");
        await Assert.ThrowsAsync<ShardLostException>(() => stale);
        Assert.Equal(old.Epoch + 1, lease.Epoch);
        Assert.Empty(lease.Checkpoints);
        Assert.Empty(lease.OpenSessions);
        Assert.Equal(0, await StepsAsync(database));
    }

    [Fact]
    public async Task an_owner_that_stops_in_the_middle_of_a_step_loses_its_shard_after_its_lease_and_nothing_of_the_step_is_there()
    {
        var database = await server.MakeDatabaseAsync();
        await using var relay = new Relay(server.Port);
        await using var cut = await OpenAsync(Through(relay, database));
        await using var other = await OpenAsync(server.Connection(database));
        var old = await cut.TakeShardAsync(1, "cut");
        var sessions = Enumerable.Range(0, 3000).Select(i => TestEvents.Session($"x-{i}")).ToList();

        relay.StallAfter("ftpactors shard", 200_000);
        var stale = cut.CommitAsync(new ShardStep(1, old.Epoch, [], sessions, 1, 0));
        var (lease, after) = await Eventually.TakeAsync(other, 1, "other");

        Assert.True(after >= OwnServer.Lease / 2, $"The shard was free after {after}.");
        await Assert.ThrowsAsync<ShardLostException>(() => stale);
        Assert.Equal(old.Epoch + 1, lease.Epoch);
        Assert.Empty(lease.OpenSessions);
        Assert.Equal(0, await StepsAsync(database));
    }

    [Fact]
    public async Task an_idle_owner_stays_the_owner_for_many_leases()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await OpenAsync(server.Connection(database));
        var lease = await journal.TakeShardAsync(1, "me");
        var held = Stopwatch.StartNew();

        await Eventually.IsTrueAsync(() => held.Elapsed > OwnServer.Lease * 2.5, "two leases passed");

        await journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0));
        Assert.True(((IDeliveries)journal).IsConfirmed(1, lease.Epoch));
    }

    [Fact]
    public async Task sessions_that_are_ended_in_the_middle_of_commits_leave_exact_totals()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await OpenAsync(server.Connection(database));
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 2000));
        var (losses, position, armed) = (0, 0L, false);
        using var done = new CancellationTokenSource();
        var ending = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                if (!Volatile.Read(ref armed))
                    continue;
                await server.ReadAsync<long>(database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    + "AND application_name LIKE 'ftpactors shard%' AND xact_start IS NOT NULL AND pg_terminate_backend(pid)");
            }
        });

        // Every step applies one event and counts it: the count and the position are one transaction or wrong.
        while (losses < 20)
        {
            var (lease, _) = await Eventually.TakeAsync(journal, 1, "me");
            position = lease.Checkpoints.SingleOrDefault()?.Seq ?? 0;
            try
            {
                for (var step = 1; ; step++)
                {
                    await journal.CommitAsync(new ShardStep(1, lease.Epoch, [new Checkpoint("s", position + 1, [])], [TestEvents.Session($"x-{position}")], 1, 0));
                    position++;
                    Volatile.Write(ref armed, step >= 3);
                }
            }
            catch (ShardLostException)
            {
                losses++;
                Volatile.Write(ref armed, false);
            }
        }
        await done.CancelAsync();
        await ending;

        var last = (await Eventually.TakeAsync(journal, 1, "me")).Lease;
        var there = last.Checkpoints.SingleOrDefault()?.Seq ?? 0;
        Assert.True(last.Epoch > 20);
        Assert.InRange(there, position, position + 1);
        Assert.True(there >= 60, $"Only {there} steps were committed.");
        Assert.Equal(there, await StepsAsync(database));
        Assert.Equal(there, last.OpenSessions.Count);
    }

    [Fact]
    public async Task a_commit_whose_answer_was_lost_is_there_once_when_the_shard_is_taken_anew()
    {
        var database = await server.MakeDatabaseAsync();
        await using var relay = new Relay(server.Port);
        await using var journal = await OpenAsync(Through(relay, database));
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 5));
        var lease = await journal.TakeShardAsync(1, "me");

        relay.LoseNextAnswer();
        await Assert.ThrowsAsync<ShardLostException>(() => journal.CommitAsync(
            new ShardStep(1, lease.Epoch, [new Checkpoint("s", 5, [])], [TestEvents.Session("x-1")], 1, 0)));

        var again = (await Eventually.TakeAsync(journal, 1, "me")).Lease;
        Assert.Equal(5, Assert.Single(again.Checkpoints).Seq);
        Assert.Equal("x-1", Assert.Single(again.OpenSessions).Id);
        Assert.Equal(1, await StepsAsync(database));
    }

    [Fact]
    public async Task an_append_whose_answer_was_lost_is_handed_over_again_and_is_there_once()
    {
        var database = await server.MakeDatabaseAsync();
        await using var relay = new Relay(server.Port);
        await using var journal = await OpenAsync(Through(relay, database));
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 5));

        relay.LoseNextAnswer();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.AppendAsync("s", "ftp1", 5, TestEvents.Range(5, 5)));
        await journal.AppendAsync("s", "ftp1", 5, TestEvents.Range(5, 5));

        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), (await journal.ReadAllAsync("s")).Select(e => e.Seq).Order());
    }

    [Fact]
    public async Task a_server_that_cannot_be_reached_is_waited_for()
    {
        var nobody = PostgresServer.FreePort();

        var e = await Assert.ThrowsAsync<JournalUnavailableException>(() => OpenAsync($"Host=127.0.0.1;Port={nobody};Database=x;Username=y;Password=s3cret"));

        Assert.Contains($"127.0.0.1:{nobody}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_user_without_rights_is_told_the_way_out()
    {
        var database = await server.MakeDatabaseAsync();
        await server.ExecuteAsync(database, "CREATE ROLE norights LOGIN");

        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync(As("norights", database)));

        Assert.Contains("permission denied", e.Message, StringComparison.Ordinal);
        Assert.Contains("let the owner of the database start a node once", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task too_few_connections_are_waited_for_and_what_was_refused_succeeds_later()
    {
        var database = await server.MakeDatabaseAsync();
        await server.ExecuteAsync(database, $"CREATE ROLE few LOGIN CONNECTION LIMIT 3; ALTER DATABASE {database} OWNER TO few; ALTER SCHEMA public OWNER TO few");
        await using var journal = await OpenAsync(As("few", database));
        await server.ExecuteAsync(database, "ALTER ROLE few CONNECTION LIMIT 0");
        NpgsqlConnection.ClearAllPools();

        var shard = await Assert.ThrowsAsync<JournalUnavailableException>(() => journal.TakeShardAsync(1, "me"));
        Assert.Contains("53300", shard.Message, StringComparison.Ordinal);
        await server.ExecuteAsync(database, "ALTER ROLE few CONNECTION LIMIT 3");

        Assert.Equal(1, (await Eventually.TakeAsync(journal, 1, "me")).Lease.Epoch);
        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 5));
        Assert.Equal(5, (await journal.ReadAllAsync("s")).Count);
    }

    private static Task<PostgresJournal> OpenAsync(string connection) => PostgresJournal.OpenAsync(OwnServer.Options(connection));

    private string As(string user, string database) => new NpgsqlConnectionStringBuilder(server.Connection(database)) { Username = user }.ConnectionString;

    private string Through(Relay relay, string database) =>
        new NpgsqlConnectionStringBuilder(server.Connection(database)) { Port = relay.Port }.ConnectionString;

    private Task<long> StepsAsync(string database) => server.ReadAsync<long>(database, "SELECT duplicates FROM shard WHERE id = 1");

    private static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
