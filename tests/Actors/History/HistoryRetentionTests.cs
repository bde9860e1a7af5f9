using FtpActors.Actors.History;

namespace FtpActors.Actors.Tests.History;

public abstract class HistoryRetentionTests : HistoryFacts
{
    [Fact]
    public async Task sessions_that_ended_long_ago_go_with_their_operations_and_open_ones_stay()
    {
        var sessions = Enumerable.Range(0, 450).Select(i => i % 3 == 0 ? Session($"s-{i:0000}", i) : Ended(Session($"s-{i:0000}", i), 1)).ToList();
        var operations = Enumerable.Range(1, 3000).Select(i => Operation(i, $"/{i}", session: i <= 2500 ? "s-0001" : $"s-{i % 450:0000}")).ToList();
        await Database.WriteAsync([Item(1, sessions) with { Operations = operations }]);
        var before = Start.AddMinutes(400);
        var gone = sessions.Where(s => s.ClosedAt < before).Select(s => s.Id).ToHashSet();

        Assert.Equal(gone.Count, await Database.DropSessionsAsync(before));

        Assert.Equal(sessions.Select(s => s.Id).Where(id => !gone.Contains(id)), await SessionsAsync());
        Assert.Equal(operations.Where(o => !gone.Contains(o.Session!)).Select(o => o.Seq), await OperationsAsync());
        Assert.Equal(0, await Database.DropSessionsAsync(before));
    }

    [Fact]
    public async Task deliveries_that_are_over_go_with_their_tries_and_dead_letters_stay()
    {
        await Database.WriteAsync([new HistoryItem(0, 1)
        {
            Deliveries =
            [
                Delivery(1, state: DeliveryState.Done), Delivery(2, state: DeliveryState.Dead), Delivery(3, state: DeliveryState.Dropped), Delivery(4),
                Delivery(5, state: DeliveryState.Done, day: 2),
            ],
            Tries = [(1, Try(1)), (2, Try(1))],
        }]);

        Assert.Equal(2, await Database.DropDeliveriesAsync(Start.AddDays(1)));

        Assert.Equal([2, 4, 5], await DeliveriesAsync());
        Assert.Empty(await Database.ReadTriesAsync(1));
        Assert.Single(await Database.ReadTriesAsync(2));
        Assert.Equal(0, await Database.DropDeliveriesAsync(Start.AddDays(1)));
    }

    [Fact]
    public async Task old_operations_and_the_index_of_old_rows_go()
    {
        await Database.WriteAsync([new HistoryItem(0, 1)
        {
            Operations = [.. Enumerable.Range(1, 2500).Select(i => Operation(i, "/a"))],
            Index = [.. Enumerable.Range(1, 2500).SelectMany(i => new[] { 0, 1 }.Select(h => new RowIndex(h, i, Spool, i, i, 1, Start, Start)))],
        }]);

        Assert.Equal(2399, await Database.DropOperationsAsync(Start.AddSeconds(2400)));
        Assert.Equal(2400, (await OperationsAsync())[0]);
        Assert.Equal(2400, await Database.DropIndexAsync(1, 2400));
        Assert.Equal(100, (await Database.ReadIndexAsync(new IndexQuery { Handler = 1 }).ToListAsync()).Count);
        Assert.Equal(2500, (await Database.ReadIndexAsync(new IndexQuery { Handler = 0 }).ToListAsync()).Count);
    }
}
