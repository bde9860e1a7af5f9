using FtpActors.Journal.Postgres.Spread;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>Two real servers, one of which goes away.</summary>
[Collection("postgres")]
public sealed class SpreadFaultTests(PostgresServer server) : IAsyncLifetime
{
    private const string Spool = "00112233aabbccdd";
    private static readonly Guid Instance = Guid.NewGuid();

    private OwnServer _second = null!;
    private SpreadJournal _journal = null!;

    public async Task InitializeAsync()
    {
        _second = await OwnServer.StartAsync();
        _journal = await SpreadJournal.OpenAsync(
            new ShardMap([0, 1, 0, 1]), [SpreadDatabases.Options(server.Connection(await server.MakeDatabaseAsync())), SpreadDatabases.Options(_second.Connection())]);
    }

    public async Task DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_is_away_stops_its_own_shards_only_and_what_it_missed_comes_when_it_is_back()
    {
        var events = TestEvents.Range(0, 300);
        await _journal.AppendAsync(Spool, "ftp1", 0, events[..100]);
        var (here, there) = (await _journal.TakeShardAsync(0, "me"), await _journal.TakeShardAsync(1, "me"));
        await _journal.BeatAsync(Beat());
        await _second.StopAsync();

        await Assert.ThrowsAsync<ShardLostException>(() => _journal.CommitAsync(new ShardStep(1, there.Epoch, [], [], 1, 0)));
        await _journal.CommitAsync(new ShardStep(0, here.Epoch, [new Checkpoint(Spool, 100, [])], [TestEvents.Session("x-1")], 1, 0));
        Assert.Equal([Spool], await ((IJournal)_journal).ReadSpoolsAsync(0));
        Assert.True((await _journal.BeatAsync(Beat())).Members.Single().IsAlive);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => _journal.AppendAsync(Spool, "ftp1", 100, events[100..200]));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => _journal.ReadSpoolSeqAsync(Spool));
        Assert.True((await _journal.ReadShardAsync(0, Spool, 100, 1000)).Count > 0, "the first server has the batch");

        await _second.StartAgainAsync();
        await Eventually.IsTrueAsync(async () =>
        {
            try
            {
                return await _journal.ReadSpoolSeqAsync(Spool) == 100;
            }
            catch (JournalUnavailableException)
            {
                return false;
            }
        }, "the second server was back");
        await _journal.AppendAsync(Spool, "ftp1", 100, events[100..]);

        Assert.Equal(events, (await _journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Select(e => e.Event));
        await Eventually.TakeAsync(_journal, 1, "me");
        await _journal.CommitAsync(new ShardStep(0, here.Epoch, [new Checkpoint(Spool, 300, [])], [], 0, 0));
    }

    [Fact]
    public async Task A_server_that_is_away_does_not_hold_up_the_time_of_others_nor_a_hosts_deliveries_there()
    {
        await using var host = _journal.OpenHost("ftp1", () => { });
        await ((IDeliveries)_journal).AddAsync(0, [new NewDelivery("a", "r", "upload", null, false, "ftp1", "{}", TestEvents.Start, null)]);
        await ((IDeliveries)_journal).AddAsync(1, [new NewDelivery("b", "r", "upload", null, false, "ftp1", "{}", TestEvents.Start, null)]);
        await _journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 10), TestEvents.Start.AddSeconds(9));
        await _second.StopAsync();
        await Assert.ThrowsAsync<JournalUnavailableException>(() => _journal.AppendAsync(Spool, "ftp1", 10, TestEvents.Range(10, 10), TestEvents.Start.AddSeconds(19)));

        var now = TestEvents.Start.AddSeconds(20);
        var horizon = _journal.Horizon.AsOf(now);
        Assert.Equal(TestEvents.Start.AddSeconds(19), horizon.OfShard(0).OfSpool(Spool, now));
        Assert.Equal(TestEvents.Start.AddSeconds(9), horizon.OfShard(1).OfSpool(Spool, now));
        Assert.Equal(TestEvents.Start.AddSeconds(9), horizon.OfSpool(Spool, now));
        for (var look = 0; look < 2; look++)
        {
            var due = await host.ReadDueAsync(-1, "ftp1", now, new HashSet<long>(), [], 10);
            Assert.Equal("a", Assert.Single(due).Delivery.Key);
            Assert.True(host.IsConfirmed(-1, 0));
        }
        await Assert.ThrowsAsync<JournalUnavailableException>(() => host.ReadDueAsync(-1, "ftp1", now, new HashSet<long> { 1 }, [], 10));
    }

    private static MemberBeat Beat() =>
        new("me", Instance, ["handler"], Weight: 1, "1.2", "http://me", MemberState.Up, Refused: [], Backlog: null);
}
