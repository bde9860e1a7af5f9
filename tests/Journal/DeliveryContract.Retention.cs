namespace FtpActors.Journal.Tests;

public abstract partial class DeliveryContract
{
    [Fact]
    public async Task deliveries_that_are_over_are_dropped_with_their_tries_and_dead_letters_stay()
    {
        await Deliveries.AddAsync(Shard, [Make("done"), Make("dead"), Make("dropped"), Make("due"), Make("young")]);
        var due = (await DueAsync()).ToDictionary(d => d.Delivery.Key);
        await TryAsync(due["done"], DeliveryState.Done);
        await TryAsync(due["dead"], DeliveryState.Dead);
        await Deliveries.DropAsync(new DeliveryQuery { Ids = [due["dropped"].Id] }, Clock.Now);
        await TryAsync(due["due"], DeliveryState.Due, Clock.Now.AddDays(90));
        var between = Clock.Now.AddDays(1);
        Clock.Now = between.AddDays(1);
        await TryAsync(due["young"], DeliveryState.Done);

        Assert.Equal(2, await ((IRetention)Journal).DropDeliveriesAsync(between, default));

        Assert.Equal(["dead", "due", "young"], Keys(await ListAsync(new DeliveryQuery())).Order(StringComparer.Ordinal));
        Assert.Empty(await Deliveries.ReadTriesAsync(due["done"].Id));
        Assert.Single(await Deliveries.ReadTriesAsync(due["dead"].Id));
        Assert.Equal(0, await ((IRetention)Journal).DropDeliveriesAsync(between, default));
    }
}
