using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

public sealed class QueueSourceTests
{
    public static TheoryData<QueueTake> Takes => [QueueTake.Safe, QueueTake.Fast];

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task Messages_of_any_type_become_durable_in_order_and_leave_the_queue(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var queue = q.Open();
        queue.Send(7, "a"u8, CancellationToken.None);
        queue.Send(long.MaxValue, "b"u8, CancellationToken.None);
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        queue.Send(1, "c"u8, CancellationToken.None);
        await Eventually.True(() => source.Status is { Messages: 3, Depth: 0 }, () => source.Status.ToString());
        Assert.Equal(["a", "b", "c"], spool.Texts);
        Assert.Equal("reading", source.Status.State);
        Assert.Null(source.Status.Trouble);
    }

    [Fact]
    public async Task The_queue_is_made_with_its_mode_and_outlives_the_source()
    {
        using var q = new TestQueue();
        var source = new NcFtpdQueueSource(q.Options() with { Mode = NcFtpdQueueOptions.ParseMode("0640") }, new TestSpool(), new TextDecoder(), TestStreams.Materializer, TimeProvider.System);
        await using (var running = Running.Start(source))
            await running.State("reading");
        var stat = SystemVQueue.TryOpen(q.Key)!.Value.Stat();
        Assert.Equal(0b110_100_000, stat.Mode);
        Assert.True(stat.LimitBytes >= 65536 || source.Status.Warnings.Any(w => w.Contains("kernel.msgmnb", StringComparison.Ordinal)));
        Assert.Equal("stopped", source.Status.State);
    }

    [Fact]
    public async Task A_queue_that_others_may_write_to_is_warned_of()
    {
        using var q = new TestQueue();
        SystemVQueue.OpenOrCreate(q.Key, 0b110_110_010);
        var source = q.Source(new TestSpool());
        await using var running = Running.Start(source);
        await running.State("reading");
        Assert.Contains(source.Status.Warnings, w => w.Contains("0662", StringComparison.Ordinal) && w.Contains("forge", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_removed_queue_is_made_anew_and_read_on(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        q.Send("a");
        await Eventually.True(() => spool.Texts.Count == 1, () => source.Status.ToString());
        q.Open().Remove();
        await Eventually.True(() => SystemVQueue.TryOpen(q.Key) is not null, () => source.Status.ToString());
        q.Send("a", "b");
        await Eventually.True(() => spool.Texts.Count == 3, () => source.Status.ToString());
        Assert.Equal(["a", "a", "b"], spool.Texts);
        await running.State("reading");
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task The_largest_message_and_an_empty_one_come_whole(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        await running.State("reading");
        var largest = new string('z', 8192);
        q.Send(largest, "", largest);
        await Eventually.True(() => source.Status is { Messages: 3, Depth: 0 }, () => source.Status.ToString());
        Assert.Equal([largest, "", largest], spool.Texts);
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task What_cannot_be_decoded_goes_to_quarantine_whole(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Open().Send(42, "bad \xFF\0"u8, CancellationToken.None);
        q.Send("good");
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        await Eventually.True(() => source.Status.Messages == 2, () => source.Status.ToString());
        Assert.Equal(1, source.Status.Quarantined);
        var kept = Assert.Single(spool.Quarantined);
        Assert.Equal(("ftp", "type 42", "it begins with bad"), (kept.Source, kept.Sender, kept.Reason));
        Assert.Equal("bad \xFF\0"u8.ToArray(), kept.Bytes);
        Assert.Equal(["good"], spool.Texts);
    }

    [Fact]
    public async Task In_safe_mode_a_message_stays_in_the_queue_until_it_is_durable()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        spool.Hold();
        q.Send("a", "b");
        var source = q.Source(spool);
        await using var running = Running.Start(source);
        await Eventually.True(() => spool.Appends == 1, () => "nothing was handed over");
        Assert.Equal(2, source.Status.Depth);
        Assert.Equal(0, source.Status.Messages);
        spool.Release();
        await Eventually.True(() => source.Status.Depth == 0, () => source.Status.ToString());
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_full_disk_stops_reading_and_nothing_is_lost(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool { IsFull = true };
        q.Send("a", "b");
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        await running.State("waiting");
        Assert.Contains("no space left", source.Status.Trouble, StringComparison.Ordinal);
        q.Send("c");
        await Eventually.True(() => spool.Appends >= 2, () => "it was not tried again");
        Assert.Equal(take == QueueTake.Safe ? 3 : 1, source.Status.Depth);
        spool.IsFull = false;
        await Eventually.True(() => source.Status is { Messages: 3, Depth: 0, State: "reading" }, () => source.Status.ToString());
        Assert.Equal(["a", "b", "c"], spool.Texts);
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_stop_while_the_disk_is_full_leaves_all_messages_in_the_queue(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool { IsFull = true };
        q.Send("a", "b");
        var source = q.Source(spool, take);
        await using (var running = Running.Start(source))
            await running.State("waiting");
        Assert.Equal(("stopped", null), (source.Status.State, source.Status.Trouble));
        Assert.Equal(2UL, q.Open().Stat().Messages);
        spool.IsFull = false;
        var next = q.Source(spool, take);
        await using var again = Running.Start(next);
        await Eventually.True(() => spool.Texts.Count == 2, () => next.Status.ToString());
        Assert.Equal(["a", "b"], spool.Texts);
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_stop_stores_and_acknowledges_the_batch_in_hand(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        spool.Hold();
        q.Send("a", "b");
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        await Eventually.True(() => spool.Appends == 1, () => "nothing was handed over");
        q.Send("c");
        await Eventually.True(() => take == QueueTake.Safe || source.Status.Depth == 0, () => "what comes meanwhile is not received");
        var stopped = running.Stop();
        await Task.WhenAny(stopped, Task.Delay(100));
        Assert.False(stopped.IsCompleted);
        spool.Release();
        await stopped;
        // What fast has received meanwhile is stored, too.
        Assert.Equal(3UL, (ulong)spool.Texts.Count + q.Open().Stat().Messages);
        Assert.Equal(take == QueueTake.Safe ? ["a", "b"] : ["a", "b", "c"], spool.Texts);
        Assert.Equal(("stopped", null), (source.Status.State, source.Status.Trouble));
    }

    [Fact]
    public async Task What_comes_while_a_fast_batch_is_being_stored_is_the_next_batch()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        spool.Hold();
        q.Send("a");
        var source = q.Source(spool, QueueTake.Fast);
        await using var running = Running.Start(source);
        await Eventually.True(() => spool.Appends == 1, () => "nothing was handed over");
        q.Send("b");
        await Eventually.True(() => source.Status.Depth == 0, () => source.Status.ToString());
        q.Send("c");
        await Eventually.True(() => source.Status.Depth == 0, () => source.Status.ToString());
        spool.Release();
        await Eventually.True(() => source.Status.Messages == 3, () => source.Status.ToString());
        Assert.Equal((2, 2), (spool.Appends, spool.Batches[1].Events.Count));
        Assert.Equal(["a", "b", "c"], spool.Texts);
    }

    [Fact]
    public async Task A_stop_with_one_fast_batch_that_cannot_be_stored_and_one_in_hand_puts_both_back()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        spool.Hold();
        q.Send("a");
        var source = q.Source(spool, QueueTake.Fast);
        await using (var running = Running.Start(source))
        {
            await Eventually.True(() => spool.Appends == 1, () => "nothing was handed over");
            q.Send("b");
            await Eventually.True(() => source.Status.Depth == 0, () => source.Status.ToString());
            spool.IsFull = true;
            spool.Release();
            await running.State("waiting");
        }
        Assert.Equal(("stopped", null), (source.Status.State, source.Status.Trouble));
        Assert.Equal(2UL, q.Open().Stat().Messages);
        spool.IsFull = false;
        var next = q.Source(spool, QueueTake.Fast);
        await using var again = Running.Start(next);
        await Eventually.True(() => spool.Texts.Count == 2, () => next.Status.ToString());
        Assert.Equal(["a", "b"], spool.Texts);
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task Nothing_is_read_from_the_queue_while_the_spool_cannot_store(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool { IsFull = true };
        q.Send("a");
        var source = q.Source(spool, take);
        await using var running = Running.Start(source);
        await running.State("waiting");
        var left = source.Status.Depth;
        q.Send("b", "c");
        await Eventually.True(() => spool.Appends >= 3, () => "it was not tried again");
        Assert.Equal(left + 2, source.Status.Depth);
        Assert.Single(spool.Batches.Distinct(ReferenceEqualityComparer.Instance));
    }

    [Theory]
    [MemberData(nameof(Takes))]
    public async Task A_spool_that_fails_as_nobody_expects_ends_the_run_and_leaves_all_messages_in_the_queue(QueueTake take)
    {
        using var q = new TestQueue();
        var spool = new TestSpool { IsBroken = true };
        q.Send("a", "b");
        var source = q.Source(spool, take);
        var end = await Assert.ThrowsAnyAsync<Exception>(() => source.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("broken", end.GetBaseException().Message);
        Assert.Equal(2UL, q.Open().Stat().Messages);
        spool.IsBroken = false;
        await using var again = Running.Start(source);
        await Eventually.True(() => spool.Texts.Count == 2, () => source.Status.ToString());
        Assert.Equal(["a", "b"], spool.Texts);
    }

    [Fact]
    public async Task Another_reader_of_the_queue_is_warned_of()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        spool.Hold();
        q.Send("a", "b");
        var source = q.Source(spool);
        await using var running = Running.Start(source);
        await Eventually.True(() => spool.Appends == 1, () => "nothing was handed over");
        Assert.Equal(1, q.Open().TryReceive(new byte[100]));
        q.Send("c");
        spool.Release();
        await Eventually.True(() => spool.Texts.Contains("c") && source.Status.Depth == 0, () => source.Status.ToString());
        Assert.Contains(source.Status.Warnings, w => w.StartsWith("Another reader", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_from_safe_to_fast_finishes_what_safe_began()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        var safe = q.Source(spool);
        await using (var first = Running.Start(safe))
        {
            q.Send("a", "a");
            await Eventually.True(() => safe.Status is { Messages: 2, Depth: 0 }, () => safe.Status.ToString());
        }
        q.Send("a", "b");
        var fast = q.Source(spool, QueueTake.Fast);
        await using var second = Running.Start(fast);
        await Eventually.True(() => fast.Status.Messages == 2, () => fast.Status.ToString());
        Assert.Equal(["a", "a", "a", "b"], spool.Texts);
    }

    [Fact]
    public async Task A_message_longer_than_a_kernel_allows_is_refused_at_the_sender()
    {
        using var q = new TestQueue();
        var queue = q.Open();
        Assert.Throws<SystemVQueueException>(() => queue.TrySend(1, new byte[IpcLimits.LargestMessage() + 1]));
        // A full queue: the sender that waits can be cancelled.
        queue.Resize(16384);
        while (queue.TrySend(1, Encoding.ASCII.GetBytes(new string('f', 4000))))
        {
        }
        using var soon = new CancellationTokenSource(50);
        await Task.Run(() => Assert.Throws<OperationCanceledException>(() => queue.Send(1, new byte[4000], soon.Token)));
    }

    [Theory]
    [InlineData("0x78C0FFEE", 0x78C0FFEEu)]
    [InlineData("mqueue:0xFFFFFFFF", 0xFFFFFFFFu)]
    [InlineData("2026000000", 2026000000u)]
    [InlineData("017", 15u)]
    public void A_key_is_read_in_base_0(string text, uint value) => Assert.Equal(value, QueueKey.Parse(text).Value);

    [Theory]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("089")]
    [InlineData("0x1FFFFFFFF")]
    [InlineData("4294967296")]
    [InlineData("040000000000")]
    [InlineData("mqueue:")]
    public void A_key_that_is_none_is_refused_with_the_way_out(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => QueueKey.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("888")]
    [InlineData("1000")]
    [InlineData("")]
    public void A_mode_that_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => NcFtpdQueueOptions.ParseMode(text));
}
