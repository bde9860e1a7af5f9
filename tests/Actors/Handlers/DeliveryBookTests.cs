using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests.Handlers;

public sealed class DeliveryBookTests
{
    private readonly DeliveryBook _book = new(handler: 1, handlers: 4);

    [Fact]
    public void Numbers_of_deliveries_are_unique_over_all_handlers()
    {
        var other = new DeliveryBook(handler: 2, handlers: 4);
        var ids = _book.Apply(Planned("a", "b", "c")).Concat(other.Apply(Planned("a", "b", "c"))).Select(d => d.Id).ToList();
        Assert.Equal(6, ids.Distinct().Count());
        Assert.Equal([2, 6, 10], ids.Take(3));
    }

    [Fact]
    public void Ordered_deliveries_of_a_session_are_due_one_after_the_other_and_others_at_once()
    {
        var made = _book.Apply(Planned("s1", "s1", "s2", null));
        Assert.Equal([made[0].Id, made[2].Id, made[3].Id], Due());
        Done(made[0].Id);
        Assert.Equal([made[1].Id, made[2].Id, made[3].Id], Due());
    }

    [Fact]
    public void One_that_a_person_retries_goes_before_those_that_came_after_it()
    {
        var made = _book.Apply(Planned("s1", "s1", "s1"));
        Tried(made[0].Id, DeliveryState.Dead);
        Assert.Equal([made[1].Id], Due());
        Ordered(DeliveryOrder.Retry, made[0].Id);
        Assert.Equal([made[0].Id], Due());
        Done(made[0].Id);
        Assert.Equal([made[1].Id], Due());
    }

    [Fact]
    public void What_is_dropped_lets_the_next_one_go_and_can_be_retried()
    {
        var made = _book.Apply(Planned("s1", "s1"));
        Ordered(DeliveryOrder.Drop, made[0].Id);
        Assert.Equal([made[1].Id], Due());
        Ordered(DeliveryOrder.Retry, made[0].Id);
        Assert.Equal([made[0].Id], Due());
        Ordered(DeliveryOrder.Forget, made[0].Id);
        Assert.Null(_book.Find(made[0].Id));
    }

    [Fact]
    public void A_try_of_one_that_was_dropped_meanwhile_changes_nothing_and_nothing_follows_from_it()
    {
        var made = _book.Apply(Planned("s1"));
        Ordered(DeliveryOrder.Drop, made[0].Id);
        Assert.Empty(_book.Apply(new DeliveryTried(made[0].Id, DeliveryState.Dead, 0, 1, Start, Try, [Owed("x")])));
        Assert.Empty(Due());
    }

    [Fact]
    public void A_failed_one_waits_for_its_time_and_blocks_its_session_meanwhile()
    {
        var made = _book.Apply(Planned("s1", "s1"));
        _book.Apply(new DeliveryTried(made[0].Id, DeliveryState.Due, 0, 1, Start.AddMinutes(1), Try, []));
        Assert.Empty(Due());
        Assert.Equal(Start.AddMinutes(1), _book.NextDueAfter(Start));
        Assert.Equal([made[0].Id], Due(Start.AddMinutes(1)));
    }

    [Fact]
    public void A_rule_that_is_busy_does_not_hold_up_others()
    {
        var made = _book.Apply(new DeliveriesPlanned(1, Start, [Owed(null), Owed(null) with { Rule = "other" }]));
        Assert.Equal([made[1].Id], _book.DueAt(Start, place => place.Rule == "r", _ => false).Select(d => d.Id));
    }

    [Fact]
    public void The_longest_due_comes_first_whatever_its_rule_and_host()
    {
        var places = new (string Rule, string? Host, int Second)[] { ("b", null, 3), ("a", null, 1), ("a", "h1", 0), ("b", null, 2), ("a", null, 4), ("b", "h1", 2) };
        var made = _book.Apply(new DeliveriesPlanned(1, Start, [.. places.Select(p => Owed(null) with { Rule = p.Rule, OnHost = p.Host, DueAt = Start.AddSeconds(p.Second) })]));
        int[] order = [2, 1, 3, 5, 0];
        Assert.Equal(order.Select(i => made[i].Id), _book.DueAt(Start.AddSeconds(3), _ => false, _ => false).Select(d => d.Id));
        Assert.Equal(Start.AddSeconds(4), _book.NextDueAfter(Start.AddSeconds(3)));
    }

    [Fact]
    public void A_rule_that_gets_busy_and_a_host_that_is_away_give_way_to_others_at_once()
    {
        var made = _book.Apply(new DeliveriesPlanned(1, Start, [.. Enumerable.Repeat(Owed(null), 20), Owed(null) with { OnHost = "away" }, Owed(null) with { Rule = "other" }]));
        var begun = new List<long>();
        foreach (var owed in _book.DueAt(Start, place => place.OnHost == "away" || (place.Rule == "r" && begun.Count > 0), _ => false))
            begun.Add(owed.Id);
        Assert.Equal([made[0].Id, made[^1].Id], begun);
    }

    [Fact]
    public void However_many_are_due_only_those_that_have_room_are_looked_at()
    {
        _book.Apply(new DeliveriesPlanned(1, Start, [.. Enumerable.Repeat(Owed(null), 10_000)]));
        var looks = 0;
        var begun = _book.DueAt(Start, _ => false, id => { looks++; return id < 40; }).Take(3).ToList();
        Assert.Equal((3, 13), (begun.Count, looks));
    }

    [Fact]
    public void A_book_goes_on_from_its_snapshot()
    {
        var made = _book.Apply(Planned("s1", "s1", null));
        Tried(made[2].Id, DeliveryState.Dead);
        var again = new DeliveryBook(handler: 1, handlers: 4);
        again.Restore(_book.Snapshot());
        Assert.Equal([made[0].Id], again.DueAt(Start, _ => false, _ => false).Select(d => d.Id));
        Assert.Equal("", again.Find(made[0].Id)!.Delivery.Facts);
        Assert.Equal(14, again.Apply(Planned("s2")).Single().Id);
    }

    private static readonly DeliveryTry Try = new(1, 0, "n", Start, Start, false, null, "", "", "");

    private static NewDelivery Owed(string? session) => new("key", "r", "upload", session, session is not null, null, "{}", Start, null);

    private static DeliveriesPlanned Planned(params string?[] sessions) => new(1, Start, [.. sessions.Select(Owed)]);

    private IReadOnlyList<long> Due(DateTimeOffset? at = null) => [.. _book.DueAt(at ?? Start, _ => false, _ => false).Select(d => d.Id).Order()];

    private void Done(long id) => Tried(id, DeliveryState.Done);

    private void Tried(long id, DeliveryState state) => _book.Apply(new DeliveryTried(id, state, 1, 0, Start, Try, []));

    private void Ordered(DeliveryOrder order, long id) => _book.Apply(new DeliveriesOrdered(order, Start, [id]));
}
