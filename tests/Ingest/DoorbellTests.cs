using System.Diagnostics;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

public sealed class DoorbellTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_message_wakes_the_sleeper_within_milliseconds_and_stays_in_the_queue()
    {
        using var q = new TestQueue();
        var queue = q.Open();
        var waits = new List<TimeSpan>();
        var buffer = new byte[100];
        for (var round = 0; round < 51; round++)
        {
            var sleeper = new Sleeper(queue, CancellationToken.None);
            await sleeper.Asleep();
            var sent = Stopwatch.GetTimestamp();
            q.Send("a");
            var (type, at) = await sleeper.Woken.WaitAsync(Limit);
            waits.Add(Stopwatch.GetElapsedTime(sent, at));
            Assert.Equal(0, type);
            Assert.Equal(1, queue.TryReceive(buffer));
        }
        // The middle one: a busy machine may be late now and then.
        Assert.True(waits.Order().ElementAt(25) < TimeSpan.FromMilliseconds(5), string.Join(' ', waits.Order()));
    }

    [Fact]
    public async Task A_message_that_is_already_there_is_not_waited_for()
    {
        using var q = new TestQueue();
        q.Send("a");
        Assert.Equal(0, (await new Sleeper(q.Open(), CancellationToken.None).Woken.WaitAsync(Limit)).Type);
        Assert.Equal(1UL, q.Open().Stat().Messages);
    }

    [Fact]
    public async Task An_empty_message_is_handed_over_with_its_type()
    {
        using var q = new TestQueue();
        var sleeper = new Sleeper(q.Open(), CancellationToken.None);
        await sleeper.Asleep();
        q.Open().Send(42, [], CancellationToken.None);
        Assert.Equal(42, (await sleeper.Woken.WaitAsync(Limit)).Type);
        Assert.Equal(0UL, q.Open().Stat().Messages);
    }

    [Fact]
    public async Task A_removal_of_the_queue_wakes_the_sleeper()
    {
        using var q = new TestQueue();
        var sleeper = new Sleeper(q.Open(), CancellationToken.None);
        await sleeper.Asleep();
        q.Open().Remove();
        Assert.True((await Assert.ThrowsAsync<SystemVQueueException>(() => sleeper.Woken.WaitAsync(Limit))).IsRemoved);
    }

    [Fact]
    public async Task A_stop_wakes_the_sleeper_within_100_milliseconds_whenever_it_comes()
    {
        using var q = new TestQueue();
        var queue = q.Open();
        var waits = new List<TimeSpan>();
        for (var round = 0; round < 301; round++)
        {
            using var stop = new CancellationTokenSource();
            var sleeper = new Sleeper(queue, stop.Token);
            // Every third one is asleep; the others are met somewhere on the way there.
            if (round % 3 == 0)
                await sleeper.Asleep();
            else
                Thread.SpinWait(round * 20);
            var stopped = Stopwatch.GetTimestamp();
            await stop.CancelAsync();
            waits.Add(Stopwatch.GetElapsedTime(stopped, (await sleeper.Woken.WaitAsync(Limit)).At));
        }
        Assert.True(waits.Order().ElementAt(150) < TimeSpan.FromMilliseconds(100), string.Join(' ', waits.Order()));
    }

    [Theory]
    [InlineData(QueueTake.Safe)]
    [InlineData(QueueTake.Fast)]
    public async Task Many_starts_and_stops_of_a_source_lose_nothing_and_do_not_hang(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var sent = new List<string>();
        for (var round = 0; round < 100; round++)
        {
            await using var running = Running.Start(q.Source(spool, take));
            // Empty ones too: they are taken by the doorbell when they find it asleep.
            sent.Add(round % 2 == 0 ? "" : $"m{round}");
            q.Send(sent[^1]);
            if (round % 5 == 0)
                await Eventually.True(() => spool.Texts.Count == sent.Count, () => $"{spool.Texts.Count} of {sent.Count}");
        }
        await using var last = Running.Start(q.Source(spool, take));
        await Eventually.True(() => spool.Texts.Count >= sent.Count, () => $"{spool.Texts.Count} of {sent.Count}");
        Assert.Equal(sent, spool.Texts);
    }

    [Theory]
    [InlineData(QueueTake.Safe)]
    [InlineData(QueueTake.Fast)]
    public async Task An_empty_message_in_hand_at_a_stop_with_a_full_disk_goes_back_to_the_queue(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var source = q.Source(spool, take);
        await using (var running = Running.Start(source))
        {
            q.Send("a");
            await Eventually.True(() => source.Status is { Messages: 1, Depth: 0 }, () => source.Status.ToString());
            spool.IsFull = true;
            q.Send("");
            await running.State("waiting");
        }
        Assert.Equal(("stopped", null), (source.Status.State, source.Status.Trouble));
        Assert.Equal(1UL, q.Open().Stat().Messages);
    }
}
