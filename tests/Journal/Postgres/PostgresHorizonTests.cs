using System.Collections.Concurrent;
using System.Diagnostics;
using FtpActors.Journal.Postgres;
using FtpActors.Protocol;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>A horizon moves on every node, and never before the events that came before it.</summary>
[Collection("postgres")]
public sealed class PostgresHorizonTests(PostgresServer server) : IAsyncLifetime
{
    private const string Spool = "00112233aabbccdd";

    private string _database = "";
    private PostgresJournal _ingest = null!;
    private PostgresJournal _handler = null!;

    public async Task InitializeAsync()
    {
        _database = await server.MakeDatabaseAsync();
        _ingest = await server.OpenAsync(_database);
        _handler = await server.OpenAsync(_database);
    }

    public async Task DisposeAsync()
    {
        await _handler.DisposeAsync();
        await _ingest.DisposeAsync();
    }

    [Fact]
    public async Task It_comes_with_the_events_or_alone_and_never_goes_back()
    {
        _handler.Subscribe(new Offers(_handler));
        await _ingest.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 10), At(100));
        await ReachesAsync(At(100));
        await _ingest.AppendAsync(Spool, "ftp1", 10, [], At(200));
        await ReachesAsync(At(200));
        await _ingest.AppendAsync(Spool, "ftp1", 10, TestEvents.Range(10, 1), At(150));
        await _ingest.AppendAsync("ffff2233aabbccdd", "ftp2", 0, [], At(300));
        await ReachesAsync(At(300), "ftp2");
        Assert.Equal(At(200), _handler.Horizon.OfSpool(Spool, At(0)));
        Assert.Equal(At(200), _handler.Horizon.OfHost("ftp1", At(0)));
        Assert.Equal(At(200), _ingest.Horizon.OfHost("ftp1", At(0)));
    }

    [Fact]
    public void A_spool_that_has_said_nothing_for_a_day_holds_nothing_back()
    {
        var now = At(0).AddDays(9);
        Assert.Equal(now.AddDays(-1), _handler.Horizon.OfSpool(Spool, now));
        Assert.Equal(now.AddDays(-1), _handler.Horizon.OfHost("ftp1", now));
    }

    [Fact]
    public async Task Of_a_host_it_is_the_newest_of_its_spools()
    {
        _handler.Subscribe(new Offers(_handler));
        await _ingest.AppendAsync(Spool, "ftp1", 0, [], At(500));
        await _ingest.AppendAsync("ffff2233aabbccdd", "ftp1", 0, [], At(100));
        await ReachesAsync(At(500));
        await Until(() => _handler.Horizon.OfSpool("ffff2233aabbccdd", At(0)) == At(100), "the other spool");
        Assert.Equal(At(500), _handler.Horizon.OfHost("ftp1", At(0)));
        var standing = _handler.Horizon.AsOf(At(0));
        await _ingest.AppendAsync(Spool, "ftp1", 0, [], At(600));
        await ReachesAsync(At(600));
        Assert.Equal(At(500), standing.OfHost("ftp1", At(0)));
    }

    [Fact]
    public async Task Events_are_offered_before_their_horizon_also_when_the_listener_connects_anew()
    {
        var offers = new Offers(_handler);
        _handler.Subscribe(offers);
        for (var shard = 0; shard < 4; shard++)
            await _handler.TakeShardAsync(shard, "handler");

        const int Batches = 150;
        for (var i = 0; i < Batches; i++)
        {
            await _ingest.AppendAsync(Spool, "ftp1", i * 10, TestEvents.Range(i * 10, 10), At((i + 1) * 10));
            if (i % 30 == 15)
            {
                await server.ExecuteAsync(_database,
                    $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_database}' AND application_name = 'ftpactors listener'");
            }
        }
        await ReachesAsync(At(Batches * 10));
        Assert.Empty(offers.TooLate);
        Assert.True(offers.Count > 0);
    }

    private static DateTimeOffset At(int seconds) => TestEvents.Start.AddSeconds(seconds);

    private Task ReachesAsync(DateTimeOffset horizon, string host = "ftp1") =>
        Until(() => _handler.Horizon.OfHost(host, At(0)) == horizon, $"the horizon {horizon:O} of {host}; it is {_handler.Horizon.OfHost(host, At(0)):O}");

    private static async Task Until(Func<bool> condition, string what)
    {
        var limit = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(20), what);
            await Task.Delay(10);
        }
    }

    /// <summary>Event i is received at second i; each batch of ten comes with the horizon behind its last.</summary>
    private sealed class Offers(PostgresJournal journal) : IFreshEvents
    {
        private readonly Dictionary<int, long> _heads = [];

        public ConcurrentBag<long> TooLate { get; } = [];

        public int Count { get; private set; }

        public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
        {
            Count++;
            // A head (-1) stands for everything before it; what its note tells afterwards is not news.
            if (previous < 0)
                _heads[shard] = events[^1].Seq;
            else if (events[^1].Seq > _heads.GetValueOrDefault(shard) && events[0].Event.ReceivedAt < journal.Horizon.OfSpool(events[0].Spool, DateTimeOffset.MinValue.AddDays(2)))
                TooLate.Add(events[0].Seq);
        }
    }
}
