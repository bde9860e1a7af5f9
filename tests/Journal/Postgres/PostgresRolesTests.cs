using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>The roles of docker/postgres-roles.sql: each can do its work, and nothing else.</summary>
[Collection("postgres")]
public sealed class PostgresRolesTests(PostgresServer server)
{
    private static readonly string[] Letters = ["r:SELECT", "a:INSERT", "w:UPDATE", "d:DELETE", "D:TRUNCATE", "x:REFERENCES", "t:TRIGGER"];

    [Theory]
    [InlineData("ftpactors_ingest", "make_event_day", "event=ra journal=r login_slot=rawd node=rawd shard=r spool=raw spool_day=raw spool_shard=raw")]
    [InlineData("ftpactors_handler", "drop_event_day",
        "checkpoint=raw delivery=rawd delivery_try=rad event=r journal=r login_slot=rawd node=rawd replay=raw replay_position=raw session=rawd shard=rw spool=r spool_day=r spool_shard=r")]
    [InlineData("ftpactors_reader", "",
        "checkpoint=r delivery=r delivery_try=r event=r journal=r login_slot=r node=r replay=r replay_position=r session=r shard=r spool=r spool_day=r spool_shard=r")]
    public async Task a_role_has_its_rights_on_each_table_and_no_others(string role, string functions, string tables)
    {
        var database = await MakeJournalAsync();

        var rights = string.Join(" || ", Letters.Select(l => $"CASE WHEN has_table_privilege('{role}', c.oid, '{l[2..]}') THEN '{l[0]}' ELSE '' END"));
        Assert.Equal(tables, await server.ReadAsync<string>(database, $"""
            SELECT string_agg(name || '=' || rights, ' ' ORDER BY name) FROM (
                SELECT c.relname::text COLLATE "C" AS name, {rights} AS rights FROM pg_class c
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')) t
            WHERE rights <> ''
            """));
        Assert.Equal(functions, await server.ReadAsync<string>(database, $"""
            SELECT coalesce(string_agg(proname, ' '), '') FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND prosecdef AND has_function_privilege('{role}', oid, 'EXECUTE')
            """));
        Assert.False(await server.ReadAsync<bool>(database, $"SELECT has_schema_privilege('{role}', 'public', 'CREATE')"));
    }

    [Fact]
    public async Task a_node_that_may_only_append_appends_to_a_journal_that_exists_and_is_refused_the_rest()
    {
        var (database, user) = await MakeUserAsync("ftpactors_ingest");
        await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(user));

        await journal.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 20));
        await journal.AppendAsync("s", "ftp1", 20, [TestEvents.Make(20) with { ReceivedAt = TestEvents.Start.AddDays(900) }]);

        Assert.Equal(["s"], await journal.ReadSpoolsAsync());
        Assert.Equal(TestEvents.Make(19), (await journal.ReadSpooledAsync("s", 20))?.Event);
        Assert.Null(await journal.ReadSpooledAsync("s", 22));
        Assert.True(Assert.Single((await journal.BeatAsync(Member("ingest"))).Members).IsAlive);
        await RefusedAsync(() => journal.TakeShardAsync(1, "me"));
        await RefusedAsync(() => journal.ReadBacklogAsync());
        await RefusedAsync(() => journal.DropBeforeAsync(TestEvents.Start.AddDays(1000)));
        await RefusedAsync(() => journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync());
        Assert.Equal((21L, 0L), (await server.ReadAsync<long>(database, "SELECT count(DISTINCT seq) FROM event"), await server.ReadAsync<long>(database, "SELECT max(epoch) FROM shard")));
    }

    [Fact]
    public async Task a_node_that_owns_shards_does_all_that_shards_need_and_cannot_append()
    {
        var (database, user) = await MakeUserAsync("ftpactors_handler");
        await using (var ingest = await server.OpenAsync(database))
            await ingest.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 20));
        await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(user));
        IDeliveries deliveries = journal;
        IReplays replays = journal;

        var lease = await journal.TakeShardAsync(1, "me");
        var delivery = new NewDelivery("key", "rule", "s-1", null, false, null, "{}", TestEvents.Start, null);
        await journal.CommitAsync(new ShardStep(1, lease.Epoch, [new Checkpoint("s", 20, [])], [TestEvents.Session("x-1")], 0, 0) { Deliveries = [delivery] });
        var due = Assert.Single(await deliveries.ReadDueAsync(1, "me", TestEvents.Start.AddDays(1), new HashSet<long>(), [], 10));
        var made = new DeliveryTry(0, 0, "me", TestEvents.Start, TestEvents.Start, true, 0, "", "", "");
        await deliveries.StoreTryAsync(new DeliveryProgress(1, lease.Epoch, due.Id, DeliveryState.Done, 1, 0, TestEvents.Start, made, []));
        await deliveries.RetryAsync(new DeliveryQuery(), TestEvents.Start);
        await replays.CreateReplayAsync("r", "{}");
        await replays.MoveReplayAsync(new ReplayMove("r", 1, "s", 20, 20, 0, []));
        await replays.ReplaceSessionsAsync(1, lease.Epoch, [TestEvents.Session("x-2")], ["x-1"]);
        Assert.Equal(20, (await journal.ReadAllAsync("s")).Count);
        Assert.NotEmpty(await journal.ReadBacklogAsync());
        Assert.Empty(await journal.DropBeforeAsync(TestEvents.Start.AddDays(9)));
        Assert.Equal(0, await journal.DropSessionsAsync(TestEvents.Start, default));
        Assert.Equal(1, await journal.DropDeliveriesAsync(TestEvents.Start.AddDays(9), default));
        Assert.True(Assert.Single((await journal.BeatAsync(Member("handler"))).Members).IsAlive);
        await using (var host = journal.OpenHost("ftp1", () => { }))
            Assert.Empty(await host.ReadDueAsync(-1, "me", TestEvents.Start, new HashSet<long>(), [], 10));

        await RefusedAsync(() => journal.AppendAsync("s", "ftp1", 20, [TestEvents.Make(20)]));
    }

    [Fact]
    public async Task a_reader_reads_everything_and_changes_nothing()
    {
        var (database, user) = await MakeUserAsync("ftpactors_reader");
        await using (var ingest = await server.OpenAsync(database))
            await ingest.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 20));
        await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(user));
        IDeliveries deliveries = journal;

        Assert.Equal(20, (await journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Count);
        Assert.Empty(await journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync());
        Assert.Empty(await deliveries.CountAsync());
        Assert.NotEmpty(await journal.ReadBacklogAsync());
        await RefusedAsync(() => journal.AppendAsync("s", "ftp1", 20, [TestEvents.Make(20)]));
        await RefusedAsync(() => journal.TakeShardAsync(1, "me"));
        await RefusedAsync(() => deliveries.AddAsync(1, [new NewDelivery("key", "rule", "s-1", null, false, null, "{}", TestEvents.Start, null)]));
    }

    private static MemberBeat Member(string name) => new(name, Guid.NewGuid(), ["handler"], 1, "1.0", "http://here", MemberState.Up, [], null);

    private static async Task RefusedAsync(Func<Task> act)
    {
        var e = await Assert.ThrowsAsync<JournalUnusableException>(act);
        Assert.Contains("permission denied", e.Message, StringComparison.Ordinal);
    }

    private async Task<string> MakeJournalAsync()
    {
        var database = await server.MakeDatabaseAsync();
        await (await server.OpenAsync(database)).DisposeAsync();
        var roles = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "postgres-roles.sql"));
        await server.ExecuteAsync(database, roles);
        // A second time changes nothing.
        await server.ExecuteAsync(database, roles);
        return database;
    }

    private async Task<(string Database, string Connection)> MakeUserAsync(string role)
    {
        var database = await MakeJournalAsync();
        await server.ExecuteAsync(database, $"CREATE ROLE user_{database} LOGIN IN ROLE {role}");
        return (database, new NpgsqlConnectionStringBuilder(server.Connection(database)) { Username = $"user_{database}" }.ConnectionString);
    }
}
