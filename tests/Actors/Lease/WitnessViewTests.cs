using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Lease;

namespace FtpActors.Actors.Tests.Lease;

/// <summary>Downing decisions over simulated time: a cluster of nodes that look at the same locks, each in its own rhythm.</summary>
public sealed class WitnessViewTests
{
    private const int Nodes = 4;

    [Fact]
    public void A_member_that_was_never_seen_to_hold_its_lock_is_not_taken_for_dead()
    {
        var view = new WitnessView();
        for (var look = 0; look < 10; look++)
            Assert.Empty(view.Look([1], new HashSet<int>()));
    }

    [Fact]
    public void A_member_that_is_missed_three_times_in_a_row_is_dead_and_told_once()
    {
        var view = new WitnessView();
        view.Look([1], new HashSet<int> { 1 });
        Assert.Equal([0, 0, 1, 0, 0], Enumerable.Range(0, 5).Select(_ => view.Look([1], new HashSet<int>()).Count));
    }

    [Fact]
    public void After_our_own_connection_was_away_nobody_is_dead_before_it_was_seen_again()
    {
        var view = new WitnessView();
        view.Look([1, 2], new HashSet<int> { 1, 2 });
        view.Forget();
        for (var look = 0; look < 10; look++)
            Assert.Empty(view.Look([1, 2], new HashSet<int> { 2 }));
        Assert.Equal([2], Enumerable.Range(0, 3).SelectMany(_ => view.Look([1, 2], new HashSet<int>())));
    }

    // What happens to the nodes, tick by tick: 0 to 3 end that node, 4 restarts the server, all else is calm. Who looks at a tick is as random.
    [Fact]
    public void Nobody_that_holds_its_lock_is_taken_for_dead_and_whoever_dies_is_within_as_many_looks_by_all_who_saw_it() => Prop.ForAll(
        Gen.Choose(0, 60).ListOf(200).Zip(Gen.Choose(1, 15).ListOf(200)).ToArbitrary(),
        play =>
        {
            var (happenings, looks) = play;
            var views = Enumerable.Range(0, Nodes).Select(_ => new WitnessView()).ToArray();
            var alive = Enumerable.Range(0, Nodes).ToHashSet();
            var missed = new int[Nodes, Nodes];
            var seen = new bool[Nodes, Nodes];
            for (var tick = 0; tick < happenings.Count; tick++)
            {
                if (happenings[tick] < Nodes && alive.Count > 1)
                    alive.Remove(happenings[tick]);
                else if (happenings[tick] == Nodes)
                    Restart();
                foreach (var looker in alive.Where(n => (looks[tick] & (1 << n)) != 0))
                {
                    var others = Enumerable.Range(0, Nodes).Where(n => n != looker).ToList();
                    var dead = views[looker].Look(others, alive);
                    if (dead.Any(alive.Contains))
                        return false;
                    foreach (var other in others)
                    {
                        if (alive.Contains(other))
                            (seen[looker, other], missed[looker, other]) = (true, 0);
                        else if (seen[looker, other] && ++missed[looker, other] == WitnessView.Looks != dead.Contains(other))
                            return false;
                    }
                }
            }
            return true;

            void Restart()
            {
                foreach (var view in views)
                    view.Forget();
                Array.Clear(seen);
                Array.Clear(missed);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
