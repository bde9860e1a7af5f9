using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Postgres.Spread;
using FtpActors.Journal.Tests;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Ingest.Tests;

/// <summary>One spool, and a journal on two servers.</summary>
[Collection("postgres")]
public sealed class SpreadForwardingTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly ShardMap Map = new([0, 1, 0, 1]);

    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-spread-").FullName;
    private OwnServer _second = null!;
    private PostgresJournalOptions[] _servers = [];

    public async Task InitializeAsync()
    {
        _second = await OwnServer.StartAsync();
        _servers = [.. new[] { server.Connection(await server.MakeDatabaseAsync()), _second.Connection() }
            .Select(c => new PostgresJournalOptions { Connection = c, Shards = 4 })];
    }

    public async Task DisposeAsync()
    {
        await _second.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_server_that_is_away_holds_up_its_own_shards_only_and_gets_everything_afterwards()
    {
        await using var spool = await ForwarderPlace.OpenSpoolAsync(_folder);
        await using var journal = await SpreadJournal.OpenAsync(Map, _servers);
        await using var forwarder = await StartAsync(spool, journal);
        await spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 400)));
        await ShippedAsync(forwarder);
        await _second.StopAsync();

        var restart = TestEvents.Make(400) with { Kind = EventKind.Other, Flags = EventFlags.ServerRestart };
        FtpEvent[] later = [restart, .. TestEvents.Range(401, 399)];
        await spool.AppendAsync(TestEvents.Batch(later));
        await Eventually.True(async () => await journal.Receivers[0].ReadSpoolSeqAsync(spool.SpoolId) == 800, "the first server has all");
        await Eventually.True(() => forwarder.Status.State == "waiting", () => forwarder.Status.ToString());
        Assert.Equal(400, forwarder.Status.Backlog);
        var expected = later.Index().Where(e => e.Item == restart || SessionKey.Of(e.Item).Shard(4) == 0).Select(e => e.Index + 401L);
        Assert.Equal(expected, (await journal.ReadShardAsync(0, spool.SpoolId, 400, 1000)).Select(e => e.Seq));
        // Nothing that the second server lacks has left the spool.
        Assert.True((await spool.ReadExtentAsync()).First <= 401);

        await _second.StartAgainAsync();
        await ShippedAsync(forwarder);
        Assert.Equal([.. TestEvents.Range(0, 400), .. later], (await journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Select(e => e.Event));
        await Eventually.True(async () => (await spool.ReadExtentAsync()).First == 801, "what both have has left the spool");
    }

    [Fact]
    public async Task What_only_one_server_has_lost_is_given_up_there_only()
    {
        await using var spool = await ForwarderPlace.OpenSpoolAsync(_folder);
        await using var journal = await SpreadJournal.OpenAsync(Map, _servers);
        await using var forwarder = await StartAsync(spool, journal);
        await spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 100)));
        await Eventually.True(async () => (await spool.ReadExtentAsync()).First == 101, "what both have has left the spool");
        await _second.ExecuteAsync("DELETE FROM event WHERE seq > 50; UPDATE spool SET last_seq = 50");
        await spool.AppendAsync(TestEvents.Batch(TestEvents.Range(100, 20)));

        await Eventually.True(() => forwarder.Status.Trouble?.Contains("skip --seq 100", StringComparison.Ordinal) == true, () => forwarder.Status.ToString());
        await Eventually.True(async () => await journal.Receivers[0].ReadSpoolSeqAsync(spool.SpoolId) == 120, "the first server goes on");
        await forwarder.SkipAsync(100);
        await ShippedAsync(forwarder);
        Assert.Equal(120, await journal.ReadSpoolSeqAsync(spool.SpoolId));
        await Assert.ThrowsAsync<InvalidOperationException>(() => forwarder.SkipAsync(100));
    }

    private static Task<Forwarder> StartAsync(Journal.Sqlite.SqliteJournal spool, SpreadJournal journal) => Forwarder.StartAsync(
        spool, "ftp1", [.. journal.Receivers.Select(r => (Func<ISpoolReceiver>)(() => r))], new Horizon(), new ForwarderOptions { Keep = TimeSpan.Zero, BatchEvents = 100 },
        TimeProvider.System, NullLoggerFactory.Instance);

    private static Task ShippedAsync(Forwarder forwarder) =>
        Eventually.True(() => forwarder.Status is { Backlog: 0, State: "shipping" }, () => forwarder.Status.ToString());
}
