namespace FtpActors.Journal.Tests;

// List, retry, drop, count.
public abstract partial class DeliveryContract
{
    [Fact]
    public async Task deliveries_are_listed_by_every_filter()
    {
        await Deliveries.AddAsync(Shard, [Make("1", rule: "mail"), Make("2", rule: "convert", user: "bob")]);
        Clock.Now = Clock.Now.AddDays(1);
        await Deliveries.AddAsync(2, [Make("3", rule: "convert-all") with { Replay = "r-1" }, Make("4", rule: "[x]", user: "b?b")]);
        await TryAsync((await DueAsync())[0], DeliveryState.Done);

        Assert.Equal(["1", "2", "3", "4"], Keys(await ListAsync(new DeliveryQuery())));
        Assert.Equal(["2", "3"], Keys(await ListAsync(new DeliveryQuery { Rule = "convert*" })));
        Assert.Equal(["4"], Keys(await ListAsync(new DeliveryQuery { Rule = "[x]" })));
        Assert.Equal(["1"], Keys(await ListAsync(new DeliveryQuery { State = DeliveryState.Done })));
        Assert.Equal(["3", "4"], Keys(await ListAsync(new DeliveryQuery { State = DeliveryState.Due, Last = 2 })));
        Assert.Equal(["4"], Keys(await ListAsync(new DeliveryQuery { User = "b?b" })));
        Assert.Equal(["2", "4"], Keys(await ListAsync(new DeliveryQuery { User = "b*" })));
        Assert.Equal(["3", "4"], Keys(await ListAsync(new DeliveryQuery { Since = Clock.Now })));
        Assert.Equal(["1", "2"], Keys(await ListAsync(new DeliveryQuery { Until = Clock.Now })));
        Assert.Equal(["3"], Keys(await ListAsync(new DeliveryQuery { Replay = "r-1" })));
        Assert.Equal(["2", "4"], Keys(await ListAsync(new DeliveryQuery { Ids = [4, 2, 99, 2] })));
        Assert.Equal(["4"], Keys(await ListAsync(new DeliveryQuery { Ids = [4, 2], Last = 1 })));
        Assert.Empty(await ListAsync(new DeliveryQuery { Last = 0 }));
        Assert.Equal(4, (await ListAsync(new DeliveryQuery { Last = 99 })).Count);
    }

    [Fact]
    public async Task a_long_list_comes_whole_and_in_order()
    {
        await Deliveries.AddAsync(Shard, [.. Enumerable.Range(0, 1234).Select(i => Make($"{i}"))]);

        Assert.Equal(Enumerable.Range(0, 1234).Select(i => $"{i}"), Keys(await ListAsync(new DeliveryQuery())));
        Assert.Equal(Enumerable.Range(500, 734).Select(i => $"{i}"), Keys(await ListAsync(new DeliveryQuery { Last = 734 })));
    }

    [Fact]
    public async Task a_retry_gives_dead_and_dropped_ones_all_tries_at_the_step_that_failed()
    {
        await Deliveries.AddAsync(Shard, [Make("dead"), Make("dropped"), Make("done"), Make("waits")]);
        var due = await DueAsync();
        await Deliveries.StoreTryAsync(Progress(due[0], DeliveryState.Dead, Clock.Now) with { Step = 2, Attempt = 9 });
        await TryAsync(due[2], DeliveryState.Done);
        await TryAsync(due[3], DeliveryState.Due, Clock.Now.AddHours(1));
        await Deliveries.DropAsync(new DeliveryQuery { Ids = [due[1].Id] }, Clock.Now);
        var later = Clock.Now = Clock.Now.AddMinutes(1);

        var (shards, count) = await Deliveries.RetryAsync(new DeliveryQuery { User = "ann" }, later);

        Assert.Equal(3, count);
        Assert.Equal([Shard], shards);
        var again = await DueAsync();
        Assert.Equal(["dead", "dropped", "waits"], Keys(again));
        Assert.All(again, d => Assert.Equal((0, later, null), (d.Attempt, d.Delivery.DueAt, d.FinishedAt)));
        Assert.Equal(2, again[0].Step);
        await TryAsync(again[0], DeliveryState.Done);
        Assert.Equal([1, 2], (await Deliveries.ReadTriesAsync(again[0].Id)).Select(t => t.Number));
    }

    [Fact]
    public async Task a_dropped_one_is_over_also_for_the_try_that_ran()
    {
        await Deliveries.AddAsync(Shard, [Make("1", "a", true), Make("2", "a", true)]);
        var running = Assert.Single(await DueAsync());

        Assert.Equal(1, await Deliveries.DropAsync(new DeliveryQuery { Ids = [running.Id] }, Clock.Now));
        Assert.Equal(["2"], Keys(await DueAsync()));
        await TryAsync(running, DeliveryState.Due, Clock.Now, [Make("followup")]);

        Assert.Equal(["2"], Keys(await DueAsync()));
        var dropped = (await ListAsync(new DeliveryQuery()))[0];
        Assert.Equal((DeliveryState.Dropped, Clock.Now), (dropped.State, dropped.FinishedAt));
        Assert.Single(await Deliveries.ReadTriesAsync(running.Id));
        Assert.Equal(0, await Deliveries.DropAsync(new DeliveryQuery { Ids = [running.Id] }, Clock.Now));
    }

    [Fact]
    public async Task deliveries_are_counted_by_rule_and_state()
    {
        await Deliveries.AddAsync(Shard, [Make("1", rule: "b"), Make("2", rule: "a"), Make("3", rule: "a"), Make("4", rule: "a")]);
        await TryAsync((await DueAsync())[1], DeliveryState.Dead);

        Assert.Equal(
            [("a", DeliveryState.Dead, 1L), ("a", DeliveryState.Due, 2L), ("b", DeliveryState.Due, 1L)],
            (await Deliveries.CountAsync()).OrderBy(c => c.Rule, StringComparer.Ordinal).ThenBy(c => c.State.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public async Task what_is_due_on_one_host_only_is_counted_by_host()
    {
        Assert.Empty(await Deliveries.CountOnHostsAsync());
        var first = Clock.Now;
        await Deliveries.AddAsync(Shard, [Make("1"), Make("2", host: "ftp2"), Make("3", "s", ordered: true, host: "ftp1"), Make("4", "s", ordered: true, host: "ftp1")]);
        Clock.Now += TimeSpan.FromMinutes(1);
        await Deliveries.AddAsync(Shard, [Make("5", host: "ftp1"), Make("6", host: "ftp3")]);
        await Deliveries.DropAsync(new DeliveryQuery { Ids = [(await ListAsync(new DeliveryQuery()))[5].Id] }, Clock.Now);

        Assert.Equal([new HostDeliveries("ftp1", 3, first), new HostDeliveries("ftp2", 1, first)], await Deliveries.CountOnHostsAsync());
    }
}
