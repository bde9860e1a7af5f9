using FtpActors.Journal.Postgres;
using FtpActors.Journal.Postgres.Spread;
using FtpActors.Protocol;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>One journal on two servers: shards 0 and 2 on the first, 1 and 3 on the second.</summary>
[Collection("postgres")]
public sealed partial class SpreadTests(PostgresServer server) : IAsyncLifetime
{
    private const string Spool = "00112233aabbccdd";
    private static readonly ShardMap Map = new([0, 1, 0, 1]);

    private readonly ManualClock _clock = new();
    private string[] _databases = [];
    private SpreadJournal _journal = null!;

    private IDeliveries Deliveries => _journal;

    private IReplays Replays => _journal;

    public async Task InitializeAsync()
    {
        _databases = [await server.MakeDatabaseAsync(), await server.MakeDatabaseAsync()];
        _journal = await OpenAsync(Map);
    }

    public async Task DisposeAsync() => await _journal.DisposeAsync();

    [Fact]
    public async Task Nothing_crosses_each_server_has_rows_of_its_own_shards_only()
    {
        var restart = TestEvents.Make(500) with { Kind = EventKind.Other, Flags = EventFlags.ServerRestart };
        await _journal.AppendAsync(Spool, "ftp1", 0, [.. TestEvents.Range(0, 500), restart, .. TestEvents.Range(501, 100)]);
        for (var shard = 0; shard < 4; shard++)
        {
            var lease = await _journal.TakeShardAsync(shard, "me");
            await _journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 500, [])], [TestEvents.Session($"s-{shard}")], 1, 2)
            {
                Deliveries = [Make($"d-{shard}")],
            });
        }

        foreach (var (table, rows) in new[] { ("event", 600 + 4), ("session", 4), ("delivery", 4), ("checkpoint", 4), ("spool_shard", 4) })
        {
            var counts = await Task.WhenAll(_databases.Select(d => server.ReadAsync<long>(d, $"SELECT count(*) FROM {table}")));
            Assert.Equal(rows, counts.Sum());
            Assert.All(counts, count => Assert.True(count > 0, table));
            Assert.Equal(0, await server.ReadAsync<long>(_databases[0], $"SELECT count(*) FROM {table} WHERE shard IN (1, 3)"));
            Assert.Equal(0, await server.ReadAsync<long>(_databases[1], $"SELECT count(*) FROM {table} WHERE shard IN (0, 2)"));
        }
        Assert.Equal(0, await server.ReadAsync<long>(_databases[0], "SELECT sum(epoch)::bigint FROM shard WHERE id IN (1, 3)"));
        Assert.All(await _journal.ReadBacklogAsync(), s => Assert.Equal((1L, 1L, 2L, "me"), (s.Epoch, s.Duplicates, s.Reordered, s.Owner)));
        Assert.Equal([0, 1, 2, 3], (await _journal.ReadBacklogAsync()).Select(s => s.Shard));
        Assert.Equal(Enumerable.Range(1, 601).Select(i => (long)i), (await _journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Select(e => e.Seq));
    }

    [Fact]
    public async Task A_list_of_events_ends_where_one_server_is_behind()
    {
        await _journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 100));
        await using (var second = await PostgresJournal.OpenAsync(Options(1) with { Place = new ServerPlace(1, Map) }))
            await second.AppendAsync(Spool, "ftp1", 100, TestEvents.Range(100, 50));

        Assert.Equal(100, await _journal.ReadSpoolSeqAsync(Spool));
        Assert.Equal(100, (await _journal.QueryEventsAsync(new EventQuery(), default).ToListAsync())[^1].Seq);
        Assert.Equal([99L, 100], (await _journal.QueryEventsAsync(new EventQuery { Last = 2 }, default).ToListAsync()).Select(e => e.Seq));

        await _journal.AppendAsync(Spool, "ftp1", 100, TestEvents.Range(100, 60));
        Assert.Equal(160, (await _journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Count);
    }

    [Fact]
    public async Task Events_that_are_given_up_are_skipped_on_every_server_that_lacks_them()
    {
        await _journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 10));
        await using (var second = await PostgresJournal.OpenAsync(Options(1) with { Place = new ServerPlace(1, Map) }))
            await second.AppendAsync(Spool, "ftp1", 10, TestEvents.Range(10, 5));

        await Assert.ThrowsAsync<InvalidOperationException>(() => _journal.SkipAsync(Spool, "ftp1", 15, 20));
        await _journal.SkipAsync(Spool, "ftp1", 10, 20);

        Assert.Equal(20, await _journal.ReadSpoolSeqAsync(Spool));
        await _journal.AppendAsync(Spool, "ftp1", 20, TestEvents.Range(20, 3));
        Assert.Equal([21L, 22, 23], (await _journal.QueryEventsAsync(new EventQuery { Last = 3 }, default).ToListAsync()).Select(e => e.Seq));
    }

    [Fact]
    public async Task A_node_with_another_table_or_order_of_servers_is_refused()
    {
        var e = await Assert.ThrowsAsync<JournalUnusableException>(() => OpenAsync(new ShardMap([0, 1, 1, 1])));
        Assert.Contains("0: 0, 1: 1, 2: 0, 3: 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("0: 0, 1-3: 1", e.Message, StringComparison.Ordinal);

        e = await Assert.ThrowsAsync<JournalUnusableException>(() => SpreadJournal.OpenAsync(Map, [Options(1), Options(0)]));
        Assert.Contains("number 1 of", e.Message, StringComparison.Ordinal);
        Assert.Contains("number 0 of", e.Message, StringComparison.Ordinal);

        e = await Assert.ThrowsAsync<JournalUnusableException>(() => PostgresJournal.OpenAsync(Options(0)));
        Assert.Contains("the only one", e.Message, StringComparison.Ordinal);

        var alone = await server.MakeDatabaseAsync();
        await (await server.OpenAsync(alone)).DisposeAsync();
        e = await Assert.ThrowsAsync<JournalUnusableException>(() => SpreadJournal.OpenAsync(Map, [Options(0) with { Connection = server.Connection(alone) }, Options(1)]));
        Assert.Contains("made as the only one", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<JournalUnusableException>(() => SpreadJournal.OpenAsync(Map, [Options(0), Options(0)]));
    }

    private PostgresJournalOptions Options(int number) => SpreadDatabases.Options(server.Connection(_databases[number]), _clock);

    private Task<SpreadJournal> OpenAsync(ShardMap map) => SpreadJournal.OpenAsync(map, [Options(0), Options(1)]);

    private NewDelivery Make(string key, string? host = null) => new(key, "r", "upload", null, false, host, "{}", _clock.Now, null);
}
