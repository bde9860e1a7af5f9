using System.Diagnostics;
using System.Globalization;
using FtpActors.Journal;
using FtpActors.Journal.Tests;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Tests;

/// <summary>Whatever fails, the journal gets what the spool has: in order, each event once.</summary>
[Collection("postgres")]
public sealed class ForwarderTests(PostgresServer server)
{
    [Fact]
    public async Task Events_arrive_in_order_each_once_however_often_its_connections_end()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        var appending = Task.Run(() => place.AppendAsync(0, 10_000));
        var ended = 0;
        while (!appending.IsCompleted || ended < 20)
        {
            await place.ExecuteAsync(
                $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{place.Database}' AND pid <> pg_backend_pid() AND state <> 'idle'");
            ended++;
        }
        await appending;
        await place.ShippedAsync();
        await place.JournalHasAsync(10_000);
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_commit_stores_nothing_twice()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync(through: journal => new LostAnswers(journal));
        await place.AppendAsync(0, 2000);
        await place.ShippedAsync();
        await place.JournalHasAsync(2000);
        Assert.Equal("lost", place.Forwarder.Status.LastError);
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_reading_goes_on_and_afterwards_everything_is_there_in_order()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        await place.AppendAsync(0, 1000);
        await place.ShippedAsync();
        await server.StopAsync();
        try
        {
            await place.AppendAsync(1000, 5000);
            await place.TroubleAsync("PostgreSQL");
            var status = place.Forwarder.Status;
            Assert.Equal(("waiting", 5000L), (status.State, status.Backlog));
            Assert.Equal(TestEvents.Make(1000).ReceivedAt, status.OldestWaiting);
        }
        finally
        {
            await server.StartAsync();
        }
        await place.AppendAsync(6000, 1000);
        await place.ShippedAsync();
        await place.JournalHasAsync(7000);
        Assert.Equal(7000, place.Forwarder.Status.Shipped);
        Assert.Null(place.Forwarder.Status.Trouble);
        Assert.NotNull(place.Forwarder.Status.LastError);
    }

    [Fact]
    public async Task Kill_9_again_and_again_loses_nothing_and_ships_nothing_twice()
    {
        await using var place = await ForwarderPlace.MakeAsync(server);
        var random = new Random(5);
        for (var life = 0; life < 6; life++)
        {
            using var child = Process.Start(new ProcessStartInfo("dotnet",
                [typeof(ForwardingChild).Assembly.Location, "forward", place.Folder, server.Connection(place.Database)]) { RedirectStandardOutput = true })!;
            for (var answers = random.Next(1, 60); answers > 0; answers--)
                Assert.NotNull(await child.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
            child.Kill();
            await child.WaitForExitAsync();
        }
        await place.StartAsync();
        var last = (int)(await place.Spool.ReadExtentAsync()).Last;
        Assert.True(last > 6 * 50, last.ToString(CultureInfo.InvariantCulture));
        await place.ShippedAsync();
        await place.JournalHasAsync(last);
    }

    [Fact]
    public async Task A_stop_ships_what_is_left_and_tells_that_nothing_is_on_its_way()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        var before = DateTimeOffset.UtcNow;
        await place.AppendAsync(0, 5000);
        await place.Forwarder.DisposeAsync();
        Assert.Equal(("stopped", 0L), (place.Forwarder.Status.State, place.Forwarder.Status.Backlog));
        await place.JournalHasAsync(5000);
        Assert.True(place.Journal.Horizon.OfHost("ftp1", before) > before);
    }

    [Fact]
    public async Task What_a_source_still_holds_is_never_behind_the_horizon()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        var started = DateTimeOffset.UtcNow;
        using var mark = place.Horizon.Add(started);
        await place.Spool.AppendAsync(TestEvents.Batch([TestEvents.Make(0) with { ReceivedAt = started.AddTicks(-10) }]));
        await place.ShippedAsync();
        DateTimeOffset Reached() => place.Journal.Horizon.OfSpool(place.Spool.SpoolId, DateTimeOffset.UtcNow);
        await Eventually.True(() => (started - Reached()).Duration() < TimeSpan.FromMicroseconds(1), () => $"{Reached():O} is not {started:O}");

        var later = DateTimeOffset.UtcNow;
        Assert.True(Reached() <= started);
        mark.Advance(later);
        await Eventually.True(() => Reached() == later, () => $"{Reached():O} is not {later:O}");
    }

    /// <summary>The connection ends after the server has committed: every third append.</summary>
    private sealed class LostAnswers(ISpoolReceiver journal) : ISpoolReceiver
    {
        private int _appends;

        public async Task AppendAsync(string spool, string host, long after, IReadOnlyList<FtpEvent> events, DateTimeOffset? horizon = null)
        {
            await journal.AppendAsync(spool, host, after, events, horizon);
            if (events.Count > 0 && _appends++ % 3 == 0)
                throw new JournalUnavailableException("lost");
        }

        public Task<long> ReadSpoolSeqAsync(string spool) => journal.ReadSpoolSeqAsync(spool);

        public Task<StoredEvent?> ReadSpooledAsync(string spool, long seq) => journal.ReadSpooledAsync(spool, seq);

        public Task SkipAsync(string spool, string host, long from, long to) => journal.SkipAsync(spool, host, from, to);
    }
}
