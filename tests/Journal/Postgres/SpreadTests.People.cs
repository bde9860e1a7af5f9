namespace FtpActors.Journal.Tests.Postgres;

// Deliveries, replays and the cluster over two servers.
public sealed partial class SpreadTests
{
    [Fact]
    public async Task The_number_of_a_delivery_names_its_server_and_lists_are_merged_by_the_time_they_were_made()
    {
        for (var i = 0; i < 8; i++)
        {
            await Deliveries.AddAsync(i % 4, [Make($"d{i}")]);
            _clock.Now = _clock.Now.AddSeconds(1);
        }

        var all = await ListAsync(new DeliveryQuery());
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"d{i}"), all.Select(d => d.Delivery.Key));
        Assert.Equal([1, 1_000_000_000_000_001, 2, 1_000_000_000_000_002], all.Take(4).Select(d => d.Id));
        Assert.Equal(["d5", "d6", "d7"], (await ListAsync(new DeliveryQuery { Last = 3 })).Select(d => d.Delivery.Key));
        Assert.Equal(["d1", "d4"], (await ListAsync(new DeliveryQuery { Ids = [all[4].Id, all[1].Id, 99, -5, 7_000_000_000_000_001] })).Select(d => d.Delivery.Key));

        var lease = await _journal.TakeShardAsync(1, "me");
        var due = await Deliveries.ReadDueAsync(1, "ftp1", _clock.Now, new HashSet<long> { all[1].Id }, [], 10);
        Assert.Equal([all[5]], due);
        await Deliveries.StoreTryAsync(new DeliveryProgress(
            1, lease.Epoch, due[0].Id, DeliveryState.Dead, 0, 1, _clock.Now, new DeliveryTry(0, 0, "me", _clock.Now, _clock.Now, false, 1, "no", "", ""), []));
        Assert.Equal("no", Assert.Single(await Deliveries.ReadTriesAsync(due[0].Id)).Summary);
        Assert.Empty(await Deliveries.ReadTriesAsync(all[0].Id));
        Assert.Empty(await Deliveries.ReadTriesAsync(7_000_000_000_000_001));

        Assert.Equal(2, await Deliveries.DropAsync(new DeliveryQuery { Last = 2 }, _clock.Now));
        Assert.Equal(["d6", "d7"], (await ListAsync(new DeliveryQuery { State = DeliveryState.Dropped })).Select(d => d.Delivery.Key));
        var (shards, count) = await Deliveries.RetryAsync(new DeliveryQuery { Ids = [all[7].Id, all[6].Id, all[5].Id] }, _clock.Now);
        Assert.Equal([1, 2, 3], shards);
        Assert.Equal(3, count);
        Assert.Equal([("r", DeliveryState.Due, 8L)], await Deliveries.CountAsync());
    }

    [Fact]
    public async Task A_host_gets_its_deliveries_of_all_servers_and_no_more_than_it_asks_for()
    {
        for (var i = 0; i < 8; i++)
            await Deliveries.AddAsync(i % 4, [Make($"d{i}", "ftp1")]);
        await using var host = _journal.OpenHost("ftp1", () => { });
        await using var other = _journal.OpenHost("ftp1", () => { });

        var first = await host.ReadDueAsync(-1, "ftp1", _clock.Now, new HashSet<long>(), [], 5);
        Assert.Equal(5, first.Count);
        Assert.True(host.IsConfirmed(-1, 0));
        // Exactly so many were claimed.
        var rest = await other.ReadDueAsync(-1, "ftp1", _clock.Now, new HashSet<long>(), [], 100);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"d{i}"), first.Concat(rest).Select(d => d.Delivery.Key).Order(StringComparer.Ordinal));
        Assert.Equal([("ftp1", 8L)], (await _journal.ReadHostsAsync(_clock.Now.AddDays(1))).Select(h => (h.Host, h.Due)));

        foreach (var delivery in first)
        {
            await host.StoreTryAsync(new DeliveryProgress(
                delivery.Shard, 0, delivery.Id, DeliveryState.Done, 1, 0, _clock.Now, new DeliveryTry(0, 0, "me", _clock.Now, _clock.Now, true, 0, "ok", "", ""), []));
        }
        Assert.Equal(first.Select(d => d.Id).Order(), (await ListAsync(new DeliveryQuery { State = DeliveryState.Done })).Select(d => d.Id).Order());
    }

    [Fact]
    public async Task A_replay_moves_on_the_servers_of_its_shards_and_is_one_for_people()
    {
        await _journal.AppendAsync("p", "ftp1", 0, TestEvents.Range(0, 100));
        var (runner, another) = (Guid.NewGuid(), Guid.NewGuid());
        await Replays.CreateReplayAsync("r", "{}");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.CreateReplayAsync("r", "{}"));
        Assert.NotNull(await Replays.ClaimReplayAsync("r", runner));
        Assert.Null(await Replays.ClaimReplayAsync("r", another));

        for (var shard = 0; shard < 4; shard++)
            Assert.Equal(1, await Replays.MoveReplayAsync(new ReplayMove("r", shard, "p", 100, 25, 2, [Make($"d{shard}")]) { Runner = runner }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(new ReplayMove("r", 1, "p", 101, 1, 0, []) { Runner = another }));
        await Replays.ReleaseReplayAsync("r", runner);
        Assert.NotNull(await Replays.ClaimReplayAsync("r", another));
        await Replays.SetReplayStateAsync("r", ReplayState.Stopped);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Replays.MoveReplayAsync(new ReplayMove("r", 3, "p", 101, 1, 0, [])));

        var replay = Assert.Single(await Replays.ListReplaysAsync());
        Assert.Equal((ReplayState.Stopped, 100L, 8L, 4L), (replay.State, replay.Read, replay.Matched, replay.Made));
        Assert.Equal([0, 1, 2, 3], replay.Positions.Select(p => p.Shard));
        Assert.Equal(replay.Positions, (await Replays.ReadReplayAsync("r"))!.Positions);
    }

    [Fact]
    public async Task The_cluster_shows_shards_of_all_servers_and_an_order_ends_what_a_member_holds_on_any()
    {
        await using var other = await OpenAsync(Map);
        await _journal.BeatAsync(Beat("one"));
        var leases = new[] { await _journal.TakeShardAsync(0, "one"), await _journal.TakeShardAsync(3, "one") };

        var view = await _journal.BeatAsync(Beat("one"));
        Assert.Equal([("one", true), ("", false), ("", false), ("one", true)], view.Shards.Select(s => (s.Owner, s.IsHeld)));
        Assert.Equal("one", Assert.Single((await other.ReadClusterAsync()).Members).Beat.Name);

        Assert.True(await other.OrderAsync("one", MemberOrder.Down));
        foreach (var lease in leases)
            await Assert.ThrowsAsync<ShardLostException>(() => _journal.CommitAsync(new ShardStep(lease.Shard, lease.Epoch, [], [], 0, 0)));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => _journal.TakeShardAsync(0, "one"));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => _journal.TakeShardAsync(3, "one"));
        Assert.Equal(2, (await other.TakeShardAsync(3, "two")).Epoch);
    }

    [Fact]
    public async Task What_happens_on_any_server_is_heard_of_by_other_nodes()
    {
        await using var other = await OpenAsync(Map);
        using var heard = new SemaphoreSlim(0);
        var due = new HashSet<int>();
        other.OnChange(() => heard.Release());
        other.OnDue(shard =>
        {
            lock (due)
                due.Add(shard ?? -1);
        });
        // Both listeners say so when they begin.
        Assert.True(await heard.WaitAsync(TimeSpan.FromSeconds(10)) && await heard.WaitAsync(TimeSpan.FromSeconds(10)));

        await _journal.TakeShardAsync(1, "me");
        await _journal.GiveBackShardAsync(1);
        Assert.True(await heard.WaitAsync(TimeSpan.FromSeconds(10)), "a shard given back on the second server was not heard of");
        await Deliveries.AddAsync(0, [Make("a")]);
        await Deliveries.AddAsync(1, [Make("b")]);
        await Eventually.IsTrueAsync(() =>
        {
            lock (due)
                return due.IsSupersetOf([0, 1]);
        }, "what was due on both servers was heard of");
    }

    private async Task<List<DeliveryRecord>> ListAsync(DeliveryQuery query) => await Deliveries.QueryAsync(query, default).ToListAsync();

    private static readonly Guid Instance = Guid.NewGuid();

    private static MemberBeat Beat(string name) =>
        new(name, Instance, ["handler"], Weight: 1, "1.2", $"http://{name}", MemberState.Up, Refused: [], Backlog: null);
}
