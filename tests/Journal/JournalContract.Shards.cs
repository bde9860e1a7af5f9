using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

public abstract partial class JournalContract
{
    [Fact]
    public async Task a_shard_is_taken_with_a_higher_epoch_each_time()
    {
        var first = await Journal.TakeShardAsync(2, "a");
        var second = await Journal.TakeShardAsync(2, "b");
        var other = await Journal.TakeShardAsync(3, "a");

        Assert.True(first.Epoch > 0);
        Assert.True(second.Epoch > first.Epoch);
        Assert.Equal((2, 3), (second.Shard, other.Shard));
        Assert.Empty(second.Checkpoints);
        Assert.Empty(second.OpenSessions);
    }

    [Fact]
    public async Task a_shard_has_one_writer_an_owner_that_lost_it_cannot_commit_and_writes_nothing()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 5));
        var old = await Journal.TakeShardAsync(0, "old");
        await Journal.TakeShardAsync(0, "new");

        await Assert.ThrowsAsync<ShardLostException>(() => Journal.CommitAsync(
            new ShardStep(0, old.Epoch, [new Checkpoint(Spool, 5, [])], [TestEvents.Session("x-1")], 1, 1)));

        var lease = await Journal.TakeShardAsync(0, "third");
        Assert.Empty(lease.Checkpoints);
        Assert.Empty(lease.OpenSessions);
        Assert.All(await Journal.ReadBacklogAsync(), s => Assert.Equal((0L, 0L), (s.Duplicates, s.Reordered)));
    }

    [Fact]
    public async Task a_lost_shard_does_not_spoil_what_others_write_at_the_same_time()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 5));
        var lost = await Journal.TakeShardAsync(0, "old");
        await Journal.TakeShardAsync(0, "new");
        var held = await Journal.TakeShardAsync(1, "me");

        var tasks = new List<Task>();
        for (var i = 0; i < 20; i++)
        {
            tasks.Add(Assert.ThrowsAsync<ShardLostException>(() => Journal.CommitAsync(new ShardStep(0, lost.Epoch, [], [], 1, 0))));
            tasks.Add(Journal.CommitAsync(new ShardStep(1, held.Epoch, [], [], 1, 0)));
        }
        await Task.WhenAll(tasks);

        var backlog = await Journal.ReadBacklogAsync();
        Assert.All(backlog.Where(s => s.Spool == Spool), s => Assert.Equal(s.Shard == 1 ? 20 : 0, s.Duplicates));
    }

    [Fact]
    public async Task a_shards_step_is_one_transaction_a_step_that_names_an_unknown_spool_writes_nothing()
    {
        var lease = await Journal.TakeShardAsync(0, "me");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.CommitAsync(
            new ShardStep(0, lease.Epoch, [new Checkpoint("unknown", 5, [])], [TestEvents.Session("x-1")], 1, 1)));

        Assert.Empty((await Journal.TakeShardAsync(0, "me")).OpenSessions);
    }

    [Fact]
    public async Task taking_a_shard_gives_its_positions_held_events_and_open_sessions_as_committed()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 9));
        await Journal.AppendAsync("second", "ftp2", 0, TestEvents.Range(0, 9));
        var open = FullSession("x-1");
        var closed = TestEvents.Session("x-2");
        (closed.ClosedAt, closed.Ended, closed.State) = (TestEvents.Start.AddMinutes(5), SessionEnded.Lost, SessionState.Closed);
        var lease = await Journal.TakeShardAsync(0, "me");

        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [new Checkpoint(Spool, 3, [1, 2]), new Checkpoint("second", 1, [])], [open], 0, 0));
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [new Checkpoint(Spool, 9, [8])], [open, closed], 0, 0));

        var again = await Journal.TakeShardAsync(0, "me");
        Assert.Equal([(Spool, 9, "8"), ("second", 1, "")],
            again.Checkpoints.OrderBy(c => c.Spool, StringComparer.Ordinal).Select(c => (c.Spool, c.Seq, string.Join(',', c.Held))));
        Assert.Equivalent(open, Assert.Single(again.OpenSessions), strict: true);
        Assert.Empty((await Journal.TakeShardAsync(1, "me")).OpenSessions);
    }

    [Fact]
    public async Task a_session_row_follows_its_session_to_the_end()
    {
        var session = FullSession("x-1");
        var lease = await Journal.TakeShardAsync(0, "me");
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [], [session], 0, 0));

        (session.User, session.Email, session.Path, session.Uploads) = ("bob", null, null, 99);
        (session.ClosedAt, session.Ended, session.State) = (TestEvents.Start.AddHours(1), SessionEnded.Idle, SessionState.Closed);
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [], [session], 0, 0));

        Assert.Equivalent(session, Assert.Single(await Journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync()), strict: true);
        Assert.Empty((await Journal.TakeShardAsync(0, "me")).OpenSessions);
    }

    [Fact]
    public async Task the_backlog_says_what_waits_and_since_when()
    {
        FtpEvent[] events = [.. TestEvents.Range(0, 10).Select(e => e with { User = "ann" })];
        var shard = SessionKey.Of(events[0]).Shard(Journal.Shards);
        await Journal.AppendAsync(Spool, "ftp1", 0, events);
        var lease = await Journal.TakeShardAsync(shard, "me");
        await Journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 6, [3, 5])], [], 4, 2));

        var line = Assert.Single(await Journal.ReadBacklogAsync(), s => s.Shard == shard && s.Spool == Spool);

        // 4 after the position, 2 held; the oldest of them is number 3, the third second.
        Assert.Equal(new ShardStatus(shard, lease.Epoch, "me", Spool, 6, 10, 6, TestEvents.Start.AddSeconds(2), 4, 2), line);

        await Journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint(Spool, 10, [])], [], 0, 0));
        line = Assert.Single(await Journal.ReadBacklogAsync(), s => s.Shard == shard && s.Spool == Spool);
        Assert.Equal((10L, 0L, null), (line.Position, line.Waiting, line.OldestWaiting));
    }

    // Every column with a value of its own.
    private static SessionRecord FullSession(string id) => new()
    {
        Id = id, Key = new SessionKey("ftp1", "svc", "key-user", "198.51.100.7", "sid"), User = "ann", RemoteHost = "192.0.2.1", Email = "a@b",
        OpenedAt = TestEvents.Start, Began = SessionBegan.Seen, State = SessionState.Uploading, Certainty = SessionCertainty.Ambiguous,
        Path = "/a\\xFF", BytesNow = 1, Rate = 2.5, Uploads = 3, Downloads = 4, BytesUp = 5, BytesDown = 6, Failures = 7, Deletes = 8,
        Mkdirs = 9, Renames = 10, Other = 11, LastAt = TestEvents.Start.AddSeconds(12),
        Local = "[2001:db8::1]:21", BytesTotal = 13, RestartAt = 14, TransferStartedAt = TestEvents.Start.AddSeconds(15),
    };
}
