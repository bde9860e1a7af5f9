using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Tests;
using FtpActors.Journal.Tests.Postgres;
using Microsoft.Extensions.Time.Testing;

namespace FtpActors.Ingest.Tests;

/// <summary>What is dropped, what is kept, and what happens when spool and journal do not fit together.</summary>
[Collection("postgres")]
public sealed class SpoolMismatchTests(PostgresServer server)
{
    // A journal that came back from a backup, or a standby that was behind.
    private const string LoseAfter50 = "DELETE FROM event WHERE seq > 50; UPDATE spool SET last_seq = 50";

    [Fact]
    public async Task What_was_confirmed_leaves_the_spool_after_the_time_that_it_is_kept()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync(TimeSpan.Zero);
        await place.AppendAsync(0, 3000);
        await DroppedAsync(place, 3000);
        await place.AppendAsync(3000, 100);
        await place.ShippedAsync();
        await place.JournalHasAsync(3100);
    }

    [Fact]
    public void An_event_is_kept_from_its_confirmation_on()
    {
        var clock = new FakeTimeProvider();
        var confirmed = new Confirmed(TimeSpan.FromSeconds(100), clock);
        confirmed.Reset(0);
        confirmed.Add(10);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, confirmed.Droppable);
        clock.Advance(TimeSpan.FromSeconds(48));
        confirmed.Add(20);
        Assert.Equal(0, confirmed.Droppable);
        clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(0, confirmed.Droppable);
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(10, confirmed.Droppable);
        clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(20, confirmed.Droppable);
        // The journal has lost its tail: nothing of it may leave before it has been there as long again.
        confirmed.Add(30);
        confirmed.Reset(15);
        clock.Advance(TimeSpan.FromSeconds(99));
        Assert.True(confirmed.Droppable <= 15);
        confirmed.Add(40);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(confirmed.Droppable <= 15);
        clock.Advance(TimeSpan.FromSeconds(97));
        Assert.True(confirmed.Droppable <= 15);
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(40, confirmed.Droppable);
    }

    [Fact]
    public async Task A_primary_that_has_lost_its_last_events_gets_them_again()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        await place.AppendAsync(0, 100);
        await place.ShippedAsync();
        await place.ExecuteAsync(LoseAfter50);
        await place.AppendAsync(100, 50);
        await Eventually.True(() => place.Forwarder.Status.LastError is not null, () => "the loss was not noticed");
        await place.ShippedAsync();
        await place.JournalHasAsync(150);
    }

    [Fact]
    public async Task Events_that_neither_has_stop_the_forwarder_until_a_person_gives_them_up()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync(TimeSpan.Zero);
        await place.AppendAsync(0, 100);
        await DroppedAsync(place, 100);
        await Assert.ThrowsAsync<InvalidOperationException>(() => place.Forwarder.SkipAsync(100));
        await place.ExecuteAsync(LoseAfter50);
        await place.AppendAsync(100, 10);
        await place.TroubleAsync("Events 51 to 100 of spool");
        await place.TroubleAsync("skip --seq 100");
        Assert.Equal(50, await place.Journal.ReadSpoolSeqAsync(place.Spool.SpoolId));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => place.Forwarder.SkipAsync(99));
        Assert.Contains("51 to 100", refused.Message, StringComparison.Ordinal);
        await place.Forwarder.SkipAsync(100);
        await Eventually.True(() => place.Forwarder.Status is { Backlog: 0, State: "shipping" }, () => place.Forwarder.Status.ToString());
        var stored = await place.Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.Equal([.. Enumerable.Range(1, 50), .. Enumerable.Range(101, 10)], stored.Select(s => (int)s.Seq));
    }

    [Fact]
    public async Task A_spool_that_came_back_from_a_backup_is_refused()
    {
        await using var place = await (await ForwarderPlace.MakeAsync(server)).StartAsync();
        await place.AppendAsync(0, 100);
        await place.ShippedAsync();
        await place.EndAsync();
        var backup = Path.Combine(place.Folder, "backup");
        File.Copy(Path.Combine(place.Folder, "spool.db"), backup);
        await place.StartAsync();
        await place.AppendAsync(100, 50);
        await place.ShippedAsync();
        await place.EndAsync();

        File.Copy(backup, Path.Combine(place.Folder, "spool.db"), overwrite: true);
        await place.StartAsync();
        await place.TroubleAsync("up to seq 150, but the spool itself has come to 100 only");

        // It went on reading, and is past the journal now: the events are not those that the journal has.
        await place.AppendAsync(5000, 60);
        await place.TroubleAsync("Event 150 of spool");
        await place.EndAsync();
        await place.StartAsync();
        await place.TroubleAsync("move spool.db");
        Assert.Equal(150, await place.Journal.ReadSpoolSeqAsync(place.Spool.SpoolId));
    }

    private static async Task DroppedAsync(ForwarderPlace place, long seq)
    {
        await place.ShippedAsync();
        var until = DateTime.UtcNow.AddSeconds(20);
        while ((await place.Spool.ReadExtentAsync()).First <= seq)
        {
            Assert.True(DateTime.UtcNow < until, $"seq {seq} is still in the spool");
            await Task.Delay(20);
        }
    }
}
