namespace FtpActors.Journal.Tests;

public abstract partial class JournalContract
{
    private static readonly DateTimeOffset LongAfter = TestEvents.Start.AddDays(30);

    private IRetention Retention => (IRetention)Journal;

    [Fact]
    public async Task old_events_are_dropped_only_where_they_were_applied()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 2500));
        var before = await Journal.ReadAllAsync(Spool);
        Assert.Null(await Retention.DropEventsAsync(LongAfter, default));

        for (var shard = 0; shard < Journal.Shards; shard++)
        {
            // One event of each shard is held; an engine that keeps days keeps its day.
            var seqs = before.Where(e => e.Shard == shard).Select(e => e.Seq).ToList();
            var lease = await Journal.TakeShardAsync(shard, "me");
            await Journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 2500, seqs.Count > 0 ? [seqs[^1]] : [])], [], 0, 0));
        }
        await Retention.DropEventsAsync(LongAfter, default);
        foreach (var shard in before.GroupBy(e => e.Shard))
            Assert.Contains(shard.MaxBy(e => e.Seq), await Journal.ReadAllAsync(Spool));

        for (var shard = 0; shard < Journal.Shards; shard++)
        {
            var lease = await Journal.TakeShardAsync(shard, "me");
            await Journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 2500, [])], [], 0, 0));
        }
        Assert.NotNull(await Retention.DropEventsAsync(LongAfter, default));
        Assert.Empty(await Journal.ReadAllAsync(Spool));
        Assert.Null(await Retention.DropEventsAsync(LongAfter, default));
    }

    [Fact]
    public async Task what_comes_after_a_drop_goes_on_with_the_next_seq_and_nothing_counts_as_waiting()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 100));
        for (var shard = 0; shard < Journal.Shards; shard++)
        {
            var lease = await Journal.TakeShardAsync(shard, "me");
            await Journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 100, [])], [], 0, 0));
        }
        Assert.NotNull(await Retention.DropEventsAsync(LongAfter, default));

        Assert.All((await Journal.ReadBacklogAsync()).Where(s => s.Spool == Spool), s => Assert.Equal((100L, 100L, 0L), (s.Position, s.Head, s.Waiting)));
        await Journal.AppendAsync(Spool, "ftp1", 100, TestEvents.Range(100, 5));
        Assert.Equal([101L, 102, 103, 104, 105], (await Journal.ReadAllAsync(Spool)).Select(e => e.Seq).Order());
        Assert.Equal(5, (await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Count);
    }

    [Fact]
    public async Task sessions_that_ended_long_ago_are_dropped_and_open_ones_stay()
    {
        var lease = await Journal.TakeShardAsync(0, "me");
        var sessions = Enumerable.Range(0, 1500).Select(i => TestEvents.Session($"s-{i:0000}", i)).ToList();
        foreach (var session in sessions.Where((_, i) => i % 3 != 0))
        {
            session.ClosedAt = session.OpenedAt.AddMinutes(1);
            session.State = SessionState.Closed;
            session.Ended = SessionEnded.Logout;
        }
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [], sessions, 0, 0));

        var before = TestEvents.Start.AddMinutes(1200);
        var old = sessions.Count(s => s.ClosedAt < before);
        Assert.True(old > 500);
        Assert.Equal(old, await Retention.DropSessionsAsync(before, default));

        var left = await Journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync();
        Assert.Equal(sessions.Where(s => !(s.ClosedAt < before)).Select(s => s.Id), left.Select(s => s.Id));
    }
}
