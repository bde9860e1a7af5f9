using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Placement;
using FtpActors.Journal;

namespace FtpActors.Actors.Tests;

public sealed class PlacementTests
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    [Fact]
    public void any_sequence_of_joins_leaves_crashes_pauses_and_orders_converges_and_leaves_no_shard_unowned_while_a_node_can_take_it() =>
        Prop.ForAll(Scenarios(), scenario =>
        {
            var simulation = Play(scenario);
            simulation.Run(Settling);
            simulation.ResetFigures();
            simulation.Run(Quiet);

            Assert.Equal(0, simulation.Taken);
            AssertBalanced(simulation);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_shard_is_taken_by_somebody_within_seconds_whatever_happens_to_the_others() =>
        Prop.ForAll(Scenarios(), scenario =>
        {
            var simulation = Play(scenario);
            // Frozen nodes count as alive for their lease, and each that ranks first costs the others their patience.
            var bound = TimeSpan.FromSeconds(3) + ShardPlacement.LongestSettle + (ShardPlacement.Patience * simulation.Nodes.Count);
            Assert.True(simulation.LongestUnowned < bound, $"a shard was without owner for {simulation.LongestUnowned}");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_node_that_joins_gets_no_more_than_its_share_and_nothing_else_moves() =>
        Prop.ForAll(Clusters(), cluster =>
        {
            var simulation = Settled(cluster);
            simulation.ResetFigures();
            var joined = simulation.Join(cluster.Weights[0]);
            simulation.Run(Settling);

            var had = joined.Held(simulation.Owners).Count;
            Assert.True(simulation.Moved <= Share(simulation, joined).Most + Rounding(cluster), $"{simulation.Moved} moves for {had} shards");
            Assert.True(simulation.MostUnowned <= ShardPlacement.HandOversAtATime, $"{simulation.MostUnowned} shards without owner at a time");
            AssertBalanced(simulation);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void of_equal_nodes_one_that_crashes_or_leaves_moves_its_own_shards_only() =>
        Prop.ForAll(Clusters(equal: true), cluster =>
        {
            foreach (var leaves in new[] { false, true })
            {
                var simulation = Settled(cluster);
                simulation.ResetFigures();
                var gone = simulation.Nodes[0];
                var had = gone.Held(simulation.Owners).Count;
                if (leaves)
                    gone.State = MemberState.Leaving;
                else
                    simulation.Crash(gone);
                simulation.Run(Settling);

                Assert.Equal(had, simulation.Moved);
                Assert.False(gone.IsRunning);
                AssertBalanced(simulation);
                if (leaves)
                    Assert.True(simulation.MostUnowned <= ShardPlacement.HandOversAtATime, $"{simulation.MostUnowned} shards without owner at a time");
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void ten_nodes_that_start_together_share_the_shards_once()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var simulation = new PlacementSimulation(shards: 16, seed);
            for (var i = 0; i < 10; i++)
            {
                simulation.Join(weight: 1);
                simulation.Run(TimeSpan.FromMilliseconds(seed * 6));
            }
            simulation.Run(Settling);
            AssertBalanced(simulation);
            Assert.Equal(16, simulation.Taken);
        }
    }

    [Fact]
    public void a_free_shard_is_taken_although_a_node_comes_and_goes_for_ever()
    {
        var simulation = new PlacementSimulation(shards: 16, seed: 1);
        simulation.Join(weight: 1);
        var flapping = simulation.Join(weight: 1);
        for (var i = 0; i < 40; i++)
        {
            simulation.Run(TimeSpan.FromMilliseconds(600));
            simulation.Crash(flapping);
            simulation.Run(TimeSpan.FromMilliseconds(200));
            simulation.Restart(flapping);
        }
        Assert.True(simulation.LongestUnowned < TimeSpan.FromSeconds(10), $"a shard was without owner for {simulation.LongestUnowned}");
    }

    [Fact]
    public void a_shard_that_fails_on_a_node_goes_to_another_and_one_that_nobody_can_take_stays_tried()
    {
        var simulation = new PlacementSimulation(shards: 8, seed: 3);
        var (one, two) = (simulation.Join(1), simulation.Join(1));
        simulation.Run(Settling);
        var shard = one.Held(simulation.Owners).First();

        simulation.Refuse(one, shard, TimeSpan.FromMinutes(5));
        simulation.Run(Settling);
        Assert.Equal(two, simulation.Owners[shard]);

        simulation.Refuse(two, shard, TimeSpan.FromMinutes(5));
        simulation.Run(TimeSpan.FromSeconds(20));
        Assert.NotNull(simulation.Owners[shard]);
    }

    [Fact]
    public void a_node_that_tries_for_a_shard_in_vain_leaves_it_to_others()
    {
        var simulation = new PlacementSimulation(shards: 4, seed: 5);
        var (sick, _) = (simulation.Join(1), simulation.Join(1));
        sick.CannotTake.UnionWith([0, 1, 2, 3]);
        simulation.Run(Settling);
        simulation.ResetFigures();
        simulation.Run(TimeSpan.FromSeconds(60));

        Assert.All(simulation.Owners, Assert.NotNull);
        Assert.Equal(0, simulation.Taken);
    }

    [Fact]
    public void the_ranking_of_nodes_follows_their_weights_and_never_changes()
    {
        var first = Enumerable.Range(0, 10_000).Count(s => Rendezvous.Score("big", 3, s) > Rendezvous.Score("small", 1, s));
        Assert.InRange(first, 7_300, 7_700);
        // Nodes of different versions must agree.
        Assert.Equal("c,c,c,b,b,b,c,b", string.Join(',', Enumerable.Range(0, 8).Select(s => new[] { "a", "b", "c" }.MaxBy(n => Rendezvous.Score(n, 1, s)))));
    }

    private static void AssertBalanced(PlacementSimulation simulation)
    {
        var candidates = simulation.Nodes.Where(n => n is { IsRunning: true, IsFrozen: false, State: MemberState.Up }).ToList();
        if (candidates.Count == 0)
        {
            // Nobody could take them: so nobody who runs may have them either, but one that is frozen and still has its lease.
            Assert.All(simulation.Owners, owner => Assert.True(owner is null or { IsFrozen: true } or { IsRunning: false }));
            return;
        }
        Assert.All(simulation.Owners, Assert.NotNull);
        Assert.All(candidates, node =>
        {
            var (least, most) = Share(simulation, node);
            Assert.InRange(node.Held(simulation.Owners).Count, least, most);
        });
    }

    private static (int Least, int Most) Share(PlacementSimulation simulation, SimulatedNode node)
    {
        var weights = simulation.Nodes.Where(n => n is { IsRunning: true, IsFrozen: false, State: MemberState.Up }).Sum(n => n.Weight);
        var share = (double)simulation.Owners.Length * node.Weight / weights;
        return ((int)Math.Floor(share + 1e-9), (int)Math.Ceiling(share - 1e-9));
    }

    // Shares of unequal nodes are rounded anew when one joins: each of the others may owe another one shard.
    private static int Rounding(Cluster cluster) => cluster.Weights.Distinct().Count() == 1 ? 0 : cluster.Weights.Length;

    private static PlacementSimulation Settled(Cluster cluster)
    {
        var simulation = new PlacementSimulation(cluster.Shards, cluster.Seed);
        foreach (var weight in cluster.Weights)
            simulation.Join(weight);
        simulation.Run(Settling);
        AssertBalanced(simulation);
        return simulation;
    }

    private static PlacementSimulation Play(Scenario scenario)
    {
        var simulation = new PlacementSimulation(scenario.Cluster.Shards, scenario.Cluster.Seed);
        foreach (var weight in scenario.Cluster.Weights)
            simulation.Join(weight);
        foreach (var (act, who, wait) in scenario.Acts)
        {
            var node = simulation.Nodes[who % simulation.Nodes.Count];
            switch (act)
            {
                case Act.Join when simulation.Nodes.Count < 9: simulation.Join(1 + (who % 4)); break;
                case Act.Crash: simulation.Crash(node); break;
                case Act.Restart: simulation.Restart(node); break;
                case Act.Freeze: simulation.Freeze(node); break;
                case Act.Thaw: node.IsFrozen = false; break;
                case Act.Leave when node is { IsRunning: true, State: MemberState.Up }: node.State = MemberState.Leaving; break;
                case Act.Down: node.State = MemberState.Down; break;
                case Act.Up: node.State = MemberState.Up; break;
                case Act.Weigh: node.Weight = 1 + (wait % 5); break;
            }
            simulation.Run(TimeSpan.FromMilliseconds(wait * 100));
        }
        return simulation;
    }

    private static Arbitrary<Cluster> Clusters(bool equal = false) => Arb.From(
        from shards in Gen.Elements(1, 3, 8, 16, 24, 64)
        from weights in Gen.Choose(1, 5).ArrayOf(equal ? 1 : 4)
        from nodes in Gen.Choose(2, 6)
        from seed in Gen.Choose(0, int.MaxValue)
        select new Cluster(shards, [.. Enumerable.Range(0, nodes).Select(i => weights[i % weights.Length])], seed));

    private static Arbitrary<Scenario> Scenarios() => Arb.From(
        from cluster in Clusters().Generator
        from acts in (from act in Gen.Elements(Enum.GetValues<Act>())
                      from who in Gen.Choose(0, 100)
                      from wait in Gen.Choose(0, 80)
                      select (act, who, wait)).ListOf()
        select new Scenario(cluster, acts));

    private enum Act { Join, Crash, Restart, Freeze, Thaw, Leave, Down, Up, Weigh }

    private sealed record Cluster(int Shards, int[] Weights, int Seed)
    {
        public override string ToString() => $"{Shards} shards, weights {string.Join(' ', Weights)}, seed {Seed}";
    }

    private sealed record Scenario(Cluster Cluster, IReadOnlyList<(Act Act, int Who, int Wait)> Acts)
    {
        public override string ToString() => $"{Cluster}: {string.Join("; ", Acts.Select(a => $"{a.Act} {a.Who} {a.Wait}"))}";
    }
}
