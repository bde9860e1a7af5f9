using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

// Replay, back-test and rebuild.
public abstract partial class DeliveryContract
{
    private const string Spool = "00112233aabbccdd";

    [Fact]
    public async Task a_replay_moves_with_its_deliveries_and_goes_on_after_a_reopen()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 100));
        await Replays.CreateReplayAsync("r-1", """{"rule":"x"}""");
        var made = Clock.Now;
        Clock.Now = Clock.Now.AddSeconds(1);

        Assert.Equal(2, await Replays.MoveReplayAsync(new ReplayMove("r-1", Shard, Spool, 40, 30, 3, [Make("a"), Make("b"), Make("a")])));
        await Journal.DisposeAsync();
        Journal = await OpenAsync(Clock);
        Assert.Equal(1, await Replays.MoveReplayAsync(new ReplayMove("r-1", Shard, Spool, 50, 5, 2, [Make("b"), Make("c")])));
        await Replays.MoveReplayAsync(new ReplayMove("r-1", 2, Spool, 7, 7, 0, []));

        var replay = await Replays.ReadReplayAsync("r-1");
        Assert.Equal([new ReplayPosition(Shard, Spool, 50), new ReplayPosition(2, Spool, 7)], replay!.Positions);
        Assert.Equal(
            new ReplayRecord("r-1", """{"rule":"x"}""", ReplayState.Running, made, Clock.Now, 42, 5, 3, replay.Positions), replay);
        Assert.Equal(["a", "b", "c"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task a_move_that_is_refused_writes_nothing()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 100));
        await Replays.CreateReplayAsync("r-1", "{}");
        await Replays.MoveReplayAsync(new ReplayMove("r-1", Shard, Spool, 40, 40, 0, []));
        var move = new ReplayMove("r-1", Shard, Spool, 41, 1, 1, [Make("a")]);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(move with { Seq = 40 }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(move with { Id = "unknown" }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(move with { Spool = "unknown" }));
        await Replays.SetReplayStateAsync("r-1", ReplayState.Stopped);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(move));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.CreateReplayAsync("r-1", "{}"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.SetReplayStateAsync("unknown", ReplayState.Done));

        var replay = Assert.Single(await Replays.ListReplaysAsync());
        Assert.Equal((ReplayState.Stopped, 40L, 0L, 40L), (replay.State, replay.Read, replay.Made, replay.Positions.Single().Seq));
        Assert.Empty(await ListAsync(new DeliveryQuery()));
        Assert.Null(await Replays.ReadReplayAsync("unknown"));
    }

    [Fact]
    public async Task a_scan_sees_every_event_that_fits_and_stands_at_the_end_of_the_spool()
    {
        var count = 24_000;
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, count));

        var (read, fitting) = (0, new List<StoredEvent>());
        for (var shard = 0; shard < Journal.Shards; shard++)
        {
            var pages = await Replays.ScanAsync(shard, Spool, 0, new ScanQuery { Kinds = new HashSet<EventKind> { EventKind.Download } }, default).ToListAsync();
            Assert.Equal(pages.Select(p => p.Seq).Order().Distinct(), pages.Select(p => p.Seq));
            Assert.Equal(count, pages[^1].Seq);
            read += pages.Sum(p => p.Read);
            fitting.AddRange(pages.SelectMany(p => p.Events));
        }

        Assert.Equal(count, read);
        Assert.Equal(
            await Journal.QueryEventsAsync(new EventQuery { Kind = EventKind.Download }, default).ToListAsync(), fitting.OrderBy(e => e.Seq));
    }

    [Fact]
    public async Task a_scan_keeps_to_its_bounds()
    {
        FtpEvent[] events = [.. TestEvents.Range(0, 20).Select(e => e with { User = "ann" })];
        var shard = SessionKey.Of(events[0]).Shard(Journal.Shards);
        await Journal.AppendAsync(Spool, "ftp1", 0, events);

        var page = Assert.Single(await Replays.ScanAsync(shard, Spool, 3, new ScanQuery
        {
            Since = TestEvents.Start.AddSeconds(10), Until = TestEvents.Start.AddSeconds(17), UpTo = 15,
        }, default).ToListAsync());

        Assert.Equal((15, 12), (page.Seq, page.Read));
        Assert.Equal([11, 12, 13, 14, 15], page.Events.Select(e => e.Seq));
        Assert.Empty(await Replays.ScanAsync(shard, Spool, 20, new ScanQuery(), default).ToListAsync());
        Assert.Empty(await Replays.ScanAsync(shard, "unknown", 0, new ScanQuery(), default).ToListAsync());
    }

    [Fact]
    public async Task rebuilt_sessions_take_the_place_of_the_stored_ones_whole()
    {
        await Journal.CommitAsync(new ShardStep(
            Shard, Epoch, [], [TestEvents.Session("x-1"), TestEvents.Session("x-2"), TestEvents.Session("x-3")], 0, 0));
        var rebuilt = TestEvents.Session("x-1", minute: 9);
        rebuilt.Uploads = 5;

        await Replays.ReplaceSessionsAsync(Shard, Epoch, [rebuilt, TestEvents.Session("x-4")], ["x-2", "unknown"]);

        var sessions = (await Journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync()).OrderBy(s => s.Id, StringComparer.Ordinal).ToList();
        Assert.Equal(["x-1", "x-3", "x-4"], sessions.Select(s => s.Id));
        Assert.Equivalent(rebuilt, sessions[0], strict: true);

        await Journal.TakeShardAsync(Shard, "another");
        await Assert.ThrowsAsync<ShardLostException>(() => Replays.ReplaceSessionsAsync(Shard, Epoch, [], ["x-1"]));
        await Replays.ReplaceSessionsAsync(Shard, null, [], ["x-3"]);
        Assert.Equal(["x-1", "x-4"], (await Journal.QuerySessionsAsync(new SessionQuery(), default).ToListAsync()).Select(s => s.Id).Order());
    }
}
