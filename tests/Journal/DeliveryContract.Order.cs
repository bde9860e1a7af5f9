using FsCheck;
using FsCheck.Fluent;

namespace FtpActors.Journal.Tests;

// Which delivery may be tried when.
public abstract partial class DeliveryContract
{
    [Fact]
    public async Task ordered_deliveries_of_a_session_come_one_at_a_time()
    {
        await Deliveries.AddAsync(Shard, [Make("a1", "a", true), Make("a2", "a", true), Make("a3", "a", true), Make("b1", "b", true)]);

        Assert.Equal(["a1", "b1"], Keys(await DueAsync()));
        var first = (await DueAsync())[0];
        Assert.Equal(["b1"], Keys(await DueAsync(running: new HashSet<long> { first.Id })));

        await TryAsync(first, DeliveryState.Done);
        Assert.Equal(["a2", "b1"], Keys(await DueAsync()));
        await TryAsync((await DueAsync())[0], DeliveryState.Dead);
        Assert.Equal(["a3", "b1"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task unordered_deliveries_neither_wait_nor_make_wait()
    {
        await Deliveries.AddAsync(Shard, [Make("1", "a"), Make("2", "a", true), Make("3", "a"), Make("4", "a", true), Make("5", null, true), Make("6", null, true)]);

        Assert.Equal(["1", "2", "3", "5", "6"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task a_rule_without_room_is_left_out_and_hides_no_other()
    {
        await Deliveries.AddAsync(Shard, [Make("a", rule: "slow"), Make("b", rule: "slow"), Make("c", rule: "quick")]);

        Assert.Equal(["c"], Keys(await DueAsync(limit: 1, busyRules: "slow")));
        Assert.Equal(["a", "b", "c"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task the_back_off_of_one_session_delays_no_other()
    {
        await Deliveries.AddAsync(Shard, [.. Enumerable.Range(0, 2000).Select(i => Make($"a{i}", "a", true)), Make("b", "b", true)]);
        await TryAsync((await DueAsync(1))[0], DeliveryState.Due, Clock.Now.AddMinutes(5));

        Assert.Equal(["b"], Keys(await DueAsync()));
        Clock.Now = Clock.Now.AddMinutes(5);
        Assert.Equal(["b", "a0"], Keys(await DueAsync()));
    }

    [Fact]
    public async Task the_longest_due_come_first_up_to_the_limit_and_none_of_another_host()
    {
        await Deliveries.AddAsync(Shard,
        [
            Make("late") with { DueAt = Clock.Now.AddSeconds(-1) }, Make("early") with { DueAt = Clock.Now.AddSeconds(-9) },
            Make("elsewhere", host: "ftp2"), Make("middle") with { DueAt = Clock.Now.AddSeconds(-5) },
            Make("future") with { DueAt = Clock.Now.AddTicks(10) },
        ]);
        await Deliveries.AddAsync(2, [Make("another shard")]);

        Assert.Equal(["early", "middle", "late"], Keys(await DueAsync()));
        Assert.Equal(["early", "middle"], Keys(await DueAsync(2)));
        Assert.Equal(["middle", "late"], Keys(await DueAsync(2, (await DueAsync(1)).Select(d => d.Id).ToHashSet())));
    }

    [Fact]
    public async Task the_next_due_time_is_that_of_the_next_one_whose_turn_it_is()
    {
        Assert.Null(await Deliveries.ReadNextDueAsync(Shard, Node, Clock.Now));
        await Deliveries.AddAsync(Shard,
        [
            Make("due"), Make("elsewhere", host: "ftp2") with { DueAt = Clock.Now.AddSeconds(1) },
            Make("a1", "a", true) with { DueAt = Clock.Now.AddSeconds(9) }, Make("a2", "a", true) with { DueAt = Clock.Now.AddSeconds(2) },
            Make("here") with { DueAt = Clock.Now.AddSeconds(5) },
        ]);

        Assert.Equal(Clock.Now.AddSeconds(5), await Deliveries.ReadNextDueAsync(Shard, Node, Clock.Now));
        Assert.Equal(Clock.Now.AddSeconds(9), await Deliveries.ReadNextDueAsync(Shard, Node, Clock.Now.AddSeconds(5)));
        Assert.Null(await Deliveries.ReadNextDueAsync(Shard, Node, Clock.Now.AddSeconds(9)));
    }

    [Fact]
    public async Task a_dead_one_that_is_retried_takes_its_old_place_before_the_later_ones()
    {
        await Deliveries.AddAsync(Shard, [Make("1", "a", true), Make("2", "a", true), Make("3", "a", true)]);
        var first = (await DueAsync())[0];
        await TryAsync(first, DeliveryState.Dead);
        var second = Assert.Single(await DueAsync());

        Assert.Equal(1, (await Deliveries.RetryAsync(new DeliveryQuery { State = DeliveryState.Dead }, Clock.Now)).Count);

        Assert.Equal(["1"], Keys(await DueAsync()));
        // The second ran meanwhile and is not called back; its end does not let the third pass the first.
        await TryAsync(second, DeliveryState.Done);
        Assert.Equal(["1"], Keys(await DueAsync()));
        await TryAsync(first, DeliveryState.Done);
        Assert.Equal(["3"], Keys(await DueAsync()));
    }

    [Fact]
    public void whatever_happens_exactly_the_first_due_ordered_one_of_each_session_may_run()
    {
        // A step adds to one of three sessions, or ends, fails, drops or retries one of what is there.
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 7), Gen.Choose(0, 30)));
        var run = 0;
        Prop.ForAll(steps.ToArbitrary(), async actions =>
        {
            run++;
            foreach (var (action, number) in actions)
            {
                await ActAsync(action, number, run);
                var all = (await ListAsync(new DeliveryQuery { State = DeliveryState.Due })).Where(d => d.Shard == Shard).ToList();
                var mayRun = all.Where(d => !d.Delivery.Ordered || all.First(o => o.Delivery.Ordered && o.Delivery.Session == d.Delivery.Session) == d);
                Assert.Equal(Keys(mayRun).Order(StringComparer.Ordinal), Keys(await DueAsync()).Order(StringComparer.Ordinal));
            }
            await Deliveries.DropAsync(new DeliveryQuery(), Clock.Now);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40).WithEndSize(30));
    }

    private async Task ActAsync(int action, int number, int run)
    {
        // Only deliveries of this run: what earlier ones left is over.
        var there = (await ListAsync(new DeliveryQuery { Rule = $"run-{run}" }));
        if (action <= 2 || there.Count == 0)
        {
            await Deliveries.AddAsync(Shard, [Make($"{run}-{there.Count}", $"s{run}-{number % 3}", number % 5 != 0, rule: $"run-{run}")]);
            return;
        }
        var one = there[number % there.Count];
        var query = new DeliveryQuery { Ids = [one.Id] };
        if (action == 3)
            await TryAsync(one, DeliveryState.Done);
        else if (action == 4)
            await TryAsync(one, DeliveryState.Dead);
        else if (action == 5)
            await Deliveries.DropAsync(query, Clock.Now);
        else
            await Deliveries.RetryAsync(query, Clock.Now);
    }
}
