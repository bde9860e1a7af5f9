using FtpActors.Journal;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Tests;

/// <summary>What a cluster's members, shards and deliveries amount to.</summary>
public sealed class ClusterReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_cluster_in_which_all_is_well_has_no_problems()
    {
        var report = Report([Make("a", backlog: 12), Make("b"), Make("left", alive: false, state: MemberState.Leaving), Make("out", state: MemberState.Down)]);
        Assert.Empty(report.Problems);
        Assert.Equal(TimeSpan.Zero, report.WorstLag);
        Assert.Equal(["a", "b"], report.Handlers.Select(m => m.Beat.Name));
        Assert.Equal(12, report.Unshipped);
        Assert.Equal(["up", "up", "left", "down"], report.View.Members.Select(ClusterReport.StatusOf));
    }

    [Fact]
    public void A_lost_member_is_named_with_what_it_keeps_and_the_way_out()
    {
        var problem = Assert.Single(Report([Make("a"), Make("b", alive: false, backlog: 7)]).Problems);
        Assert.Equal(
            "b is lost: nothing was heard of it for 3m20s. 7 events in its spool have not reached the journal: do not delete its data folder. "
            + "Start it again, or strike it off: ftpactors cluster forget --node b", problem);
    }

    [Fact]
    public void Shards_without_an_owner_and_shards_that_a_member_refuses_are_named()
    {
        var shards = Enumerable.Range(0, 30).Select(i => Owner(i, "a", held: i is 3 or > 20)).ToList();
        var problems = Report([Make("a"), Make("b", refused: [4])], shards).Problems;
        Assert.Equal("b cannot work on shard 4, which failed there again and again: its log says why.", problems[0]);
        Assert.Equal("Nobody owns 20 shards (0, 1, 2, 4, 5, 6, 7, 8, 9, 10, ...).", problems[1]);
        Assert.Equal(2, problems.Count);
    }

    [Theory]
    [InlineData(MemberState.Up, true, "ingest")]
    [InlineData(MemberState.Leaving, true, "handler")]
    [InlineData(MemberState.Down, true, "handler")]
    public void A_cluster_without_a_handler_that_is_up_says_so(MemberState state, bool alive, string role) =>
        Assert.Contains(Report([Make("a", alive, state, role: role)]).Problems, p => p.StartsWith("No handler is up", StringComparison.Ordinal));

    [Fact]
    public void What_waits_is_summed_over_the_spools_and_the_shard_farthest_behind_is_named()
    {
        ShardStatus[] backlog =
        [
            Status(0, "s1", 10, 30, 20, Now.AddSeconds(-400)), Status(0, "s2", 5, 5, 0, null), Status(1, "s1", 31, 32, 1, Now.AddSeconds(-10)), Status(1, "s2", 1, 9, 8, Now.AddSeconds(-301)),
        ];
        var report = Report([Make("a")], [Owner(0, "a"), Owner(1, "a")], backlog);
        Assert.Equal([(15L, 35L, 20L), (32L, 41L, 9L)], report.Shards.Select(s => (s.Position, s.Head, s.Waiting)));
        Assert.Equal([400, 301], report.Shards.Select(s => s.Lag(Now).TotalSeconds));
        Assert.Equal("Shard 0 of a is 6m40s behind (limit 5m00s, handler.backlog_age).", Assert.Single(report.Problems));
        Assert.Contains(Report([Make("a")], [Owner(0, "a")], [Status(0, "s1", 0, 200_000, 100_001, Now)]).Problems, p => p.StartsWith("100001 stored events", StringComparison.Ordinal));
        Assert.Contains(Report([Make("a", backlog: 100_001)]).Problems, p => p.Contains("in the spool of a", StringComparison.Ordinal));
    }

    [Fact]
    public void Deliveries_for_a_host_are_a_problem_when_its_node_is_not_alive_or_they_are_old()
    {
        HostBacklog[] waiting = [new("a", 1, Now.AddSeconds(-10)), new("gone", 2, Now), new("slow", 3, Now.AddSeconds(-600))];
        var problems = Report([Make("a"), Make("slow")], onHosts: waiting).Problems;
        Assert.Equal(2, problems.Count);
        Assert.StartsWith("2 deliveries wait for host gone, whose node is not alive", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("3 deliveries wait for host slow, the oldest for 10m00s", problems[1], StringComparison.Ordinal);
    }

    private static ClusterReport Report(
        IReadOnlyList<Member> members, IReadOnlyList<ShardOwner>? shards = null, IReadOnlyList<ShardStatus>? backlog = null, IReadOnlyList<HostBacklog>? onHosts = null) =>
        ClusterReport.Of(new ClusterView(members, shards ?? [Owner(0, "a"), Owner(1, "b")]), backlog ?? [], onHosts ?? [], Now, new BacklogLimits());

    private static Member Make(
        string name, bool alive = true, MemberState state = MemberState.Up, long? backlog = null, int[]? refused = null, string role = "handler") => new(
        new MemberBeat(name, Guid.NewGuid(), [role], 1, "1.0", "http://127.0.0.1:1", state, refused ?? [], backlog), alive, Now.AddHours(-1), TimeSpan.FromSeconds(200));

    private static ShardOwner Owner(int shard, string owner, bool held = true) => new(shard, 7, owner, held, Now);

    private static ShardStatus Status(int shard, string spool, long position, long head, long waiting, DateTimeOffset? oldest) =>
        new(shard, 7, "a", spool, position, head, waiting, oldest, 0, 0);
}
