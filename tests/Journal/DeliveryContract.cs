namespace FtpActors.Journal.Tests;

/// <summary>The promises of a journal about deliveries, whatever engine keeps it. A subclass says how one is made; every test gets an empty one.</summary>
public abstract partial class DeliveryContract : IAsyncLifetime
{
    private const int Shard = 1;
    private const string Node = "ftp1";
    private static readonly HashSet<long> None = [];

    private IJournal Journal { get; set; } = null!;

    private IDeliveries Deliveries => (IDeliveries)Journal;

    private IReplays Replays => (IReplays)Journal;

    private ManualClock Clock { get; } = new();

    private long Epoch { get; set; }

    /// <summary>Opens the journal of this test; later calls, after the first was disposed, open the same one.</summary>
    protected abstract Task<IJournal> OpenAsync(TimeProvider clock);

    public async Task InitializeAsync()
    {
        Journal = await OpenAsync(Clock);
        Epoch = (await Journal.TakeShardAsync(Shard, "me")).Epoch;
    }

    public virtual async Task DisposeAsync() => await Journal.DisposeAsync();

    [Fact]
    public async Task a_delivery_comes_back_whole()
    {
        var full = new NewDelivery("k-1", "rule-é", "session_end", "s-1", true, Node, """{"user":"ann","path":"/a'\\xFF"}""", Clock.Now, "replay-1");
        var least = new NewDelivery("k-2", "", "upload", null, false, null, "{}", Clock.Now, null);

        Assert.Equal(2, await Deliveries.AddAsync(Shard, [full, least]));

        Assert.Equal(
            [
                new DeliveryRecord(1, Shard, full, DeliveryState.Due, 0, 0, Clock.Now, null),
                new DeliveryRecord(2, Shard, least, DeliveryState.Due, 0, 0, Clock.Now, null),
            ],
            await ListAsync(new DeliveryQuery()));
    }

    [Fact]
    public async Task a_key_that_is_there_changes_nothing_a_second_time()
    {
        await Deliveries.AddAsync(Shard, [Make("a"), Make("b")]);
        await TryAsync((await DueAsync())[0], DeliveryState.Done);
        var before = await ListAsync(new DeliveryQuery());

        Assert.Equal(1, await Deliveries.AddAsync(Shard, [Make("a") with { Rule = "other" }, Make("c"), Make("c"), Make("b")]));

        Assert.Equal(before, (await ListAsync(new DeliveryQuery())).Take(2));
        Assert.Equal(["a", "b", "c"], Keys(await ListAsync(new DeliveryQuery())));
    }

    [Fact]
    public async Task a_step_brings_its_deliveries_and_a_repeated_step_brings_none()
    {
        var step = new ShardStep(Shard, Epoch, [], [TestEvents.Session("x-1")], 0, 0) { Deliveries = [Make("a"), Make("b")] };

        await Journal.CommitAsync(step);
        await Journal.CommitAsync(step);

        Assert.Equal(["a", "b"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task a_step_that_is_refused_brings_no_delivery()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.CommitAsync(
            new ShardStep(Shard, Epoch, [new Checkpoint("unknown", 5, [])], [], 0, 0) { Deliveries = [Make("a")] }));
        await Journal.TakeShardAsync(Shard, "another");
        await Assert.ThrowsAsync<ShardLostException>(() => Journal.CommitAsync(
            new ShardStep(Shard, Epoch, [], [], 0, 0) { Deliveries = [Make("b")] }));

        Assert.Empty(await ListAsync(new DeliveryQuery()));
    }

    [Fact]
    public async Task a_stale_owner_cannot_store_a_try()
    {
        await Deliveries.AddAsync(Shard, [Make("a")]);
        var due = Assert.Single(await DueAsync());
        await Journal.TakeShardAsync(Shard, "another");

        await Assert.ThrowsAsync<ShardLostException>(() => TryAsync(due, DeliveryState.Done, followups: [Make("f")]));

        Assert.Equal([due], await ListAsync(new DeliveryQuery()));
        Assert.Empty(await Deliveries.ReadTriesAsync(due.Id));
    }

    [Fact]
    public async Task a_try_of_a_delivery_that_is_not_there_is_refused()
    {
        await Deliveries.AddAsync(0, [Make("a")]);
        var elsewhere = Assert.Single(await ListAsync(new DeliveryQuery()));

        await Assert.ThrowsAsync<InvalidOperationException>(() => TryAsync(elsewhere, DeliveryState.Done));
        await Assert.ThrowsAsync<InvalidOperationException>(() => TryAsync(elsewhere with { Id = 99 }, DeliveryState.Done));

        Assert.Empty(await Deliveries.ReadTriesAsync(elsewhere.Id));
    }

    [Fact]
    public async Task tries_are_kept_and_numbered_over_all_steps()
    {
        await Deliveries.AddAsync(Shard, [Make("a")]);
        var due = Assert.Single(await DueAsync());
        DeliveryTry[] tries =
        [
            new(0, 0, "n1", Clock.Now, Clock.Now.AddSeconds(1), false, 7, "exit code 7", "out\0\n☃", "end"),
            new(0, 0, "n2", Clock.Now.AddSeconds(2), Clock.Now.AddSeconds(3), true, 0, "ok", "", ""),
            new(0, 1, "n2", Clock.Now.AddSeconds(4), Clock.Now.AddSeconds(5), false, null, "timed out", "x", ""),
        ];

        await Deliveries.StoreTryAsync(new DeliveryProgress(Shard, Epoch, due.Id, DeliveryState.Due, 0, 1, Clock.Now.AddSeconds(2), tries[0], []));
        await Deliveries.StoreTryAsync(new DeliveryProgress(Shard, Epoch, due.Id, DeliveryState.Due, 1, 0, Clock.Now.AddSeconds(4), tries[1], []));
        await Deliveries.StoreTryAsync(new DeliveryProgress(
            Shard, Epoch, due.Id, DeliveryState.Dead, 1, 1, Clock.Now.AddSeconds(4), tries[2], [Make("f", "s-1", ordered: true)]));

        Assert.Equal([.. tries.Select((t, i) => t with { Number = i + 1 })], await Deliveries.ReadTriesAsync(due.Id));
        var all = await ListAsync(new DeliveryQuery());
        Assert.Equal((DeliveryState.Dead, 1, 1, Clock.Now.AddSeconds(5)), (all[0].State, all[0].Step, all[0].Attempt, all[0].FinishedAt));
        Assert.Equal(("f", DeliveryState.Due, Shard), (all[1].Delivery.Key, all[1].State, all[1].Shard));
    }

    [Fact]
    public async Task all_of_it_is_there_after_a_reopen()
    {
        await Deliveries.AddAsync(Shard, [Make("a", "s", true), Make("b", "s", true), Make("c", "s", true), Make("d")]);
        var first = (await DueAsync())[0];
        await TryAsync(first, DeliveryState.Due, Clock.Now.AddHours(1));
        await Replays.CreateReplayAsync("r", "{}");
        var (all, due, tries) = (await ListAsync(new DeliveryQuery()), await DueAsync(), await Deliveries.ReadTriesAsync(first.Id));

        await Journal.DisposeAsync();
        Journal = await OpenAsync(Clock);

        Assert.Equal(all, await ListAsync(new DeliveryQuery()));
        Assert.Equal(due, await DueAsync());
        Assert.Equal(tries, await Deliveries.ReadTriesAsync(first.Id));
        Assert.Single(await Replays.ListReplaysAsync());
        Epoch = (await Journal.TakeShardAsync(Shard, "me")).Epoch;
        await Assert.ThrowsAsync<ShardLostException>(() => Deliveries.StoreTryAsync(Progress(first, DeliveryState.Done, Clock.Now) with { Epoch = Epoch + 1 }));
        await TryAsync(first, DeliveryState.Done);
        Assert.Equal(["d", "b"], Keys(await DueAsync()).OrderDescending());
    }

    private NewDelivery Make(string key, string? session = null, bool ordered = false, string? host = null, string rule = "r", string user = "ann") =>
        new(key, rule, "upload", session, ordered, host, $$"""{"user":"{{user}}"}""", Clock.Now, null);

    private DeliveryProgress Progress(DeliveryRecord delivery, DeliveryState state, DateTimeOffset dueAt) => new(
        Shard, Epoch, delivery.Id, state, delivery.Step, delivery.Attempt + 1, dueAt,
        new DeliveryTry(0, delivery.Step, Node, Clock.Now, Clock.Now, state == DeliveryState.Done, 0, "", "", ""), []);

    private Task TryAsync(
        DeliveryRecord delivery, DeliveryState state, DateTimeOffset? dueAt = null, IReadOnlyList<NewDelivery>? followups = null) =>
        Deliveries.StoreTryAsync(Progress(delivery, state, dueAt ?? Clock.Now) with { Followups = followups ?? [] });

    private Task<IReadOnlyList<DeliveryRecord>> DueAsync(int limit = 1000, IReadOnlySet<long>? running = null, params string[] busyRules) =>
        Deliveries.ReadDueAsync(Shard, Node, Clock.Now, running ?? None, busyRules, limit);

    private Task<List<DeliveryRecord>> ListAsync(DeliveryQuery query) => Deliveries.QueryAsync(query, default).ToListAsync();

    private static IEnumerable<string> Keys(IEnumerable<DeliveryRecord> deliveries) => deliveries.Select(d => d.Delivery.Key);
}
