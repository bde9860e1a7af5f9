using System.Diagnostics;
using FtpActors.Journal.Postgres;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>Membership, orders and who owns what, as several journals of one database see it.</summary>
[Collection("postgres")]
public sealed class ClusterTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);
    private readonly List<PostgresJournal> _journals = [];
    private string _database = "";

    public async Task InitializeAsync() => _database = await server.MakeDatabaseAsync();

    public async Task DisposeAsync()
    {
        foreach (var journal in _journals)
            await journal.DisposeAsync();
    }

    [Fact]
    public async Task members_see_each_other_and_who_has_which_shard()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var lease = await one.TakeShardAsync(2, "one");
        await one.BeatAsync(Beat("one") with { Weight = 3, Refused = [1, 4], Backlog = 17, Roles = ["ingest", "handler"] });

        var view = await two.BeatAsync(Beat("two"));

        Assert.Equal(["one", "two"], view.Members.Select(m => m.Beat.Name));
        Assert.All(view.Members, m => Assert.True(m.IsAlive));
        var first = view.Members[0].Beat;
        Assert.Equal((3, 17L, "1.2", "http://one", MemberState.Up), (first.Weight, first.Backlog, first.Version, first.Url, first.State));
        Assert.Equal([1, 4], first.Refused);
        Assert.Equal(["ingest", "handler"], first.Roles);
        Assert.Null(view.Members[1].Beat.Backlog);
        Assert.Equal([0, 1, 2, 3], view.Shards.Select(s => s.Shard));
        Assert.Equal((lease.Epoch, "one", true), (view.Shards[2].Epoch, view.Shards[2].Owner, view.Shards[2].IsHeld));
        Assert.All(view.Shards.Where(s => s.Shard != 2), s => Assert.Equal((0L, "", false), (s.Epoch, s.Owner, s.IsHeld)));
        Assert.Equivalent(view.Shards, (await (await OpenAsync()).ReadClusterAsync()).Shards);
    }

    [Fact]
    public async Task a_name_that_is_alive_is_refused_to_another_process()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        var (beat, stop) = (Beat("one"), new CancellationTokenSource());
        await one.BeatAsync(beat);
        var beating = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await one.BeatAsync(beat);
        });

        var e = await Assert.ThrowsAsync<NameTakenException>(() => two.BeatAsync(Beat("one")));

        Assert.Contains("http://one", e.Message, StringComparison.Ordinal);
        await stop.CancelAsync();
        await beating;
        Assert.Equal(beat.Instance, (await one.BeatAsync(beat)).Members.Single().Beat.Instance);
    }

    [Fact]
    public async Task a_node_that_resigned_or_died_leaves_its_name_to_its_next_run_at_once()
    {
        var one = await OpenAsync();
        await one.BeatAsync(Beat("one"));
        await one.ResignAsync();
        Assert.False((await one.ReadClusterAsync()).Members.Single().IsAlive);

        var second = await OpenAsync();
        await second.BeatAsync(Beat("one"));
        await EndMemberAsync("one");
        var started = Stopwatch.StartNew();
        var third = await OpenAsync();
        Assert.True((await third.BeatAsync(Beat("one"))).Members.Single().IsAlive);
        Assert.True(started.Elapsed < Lease, $"it took {started.Elapsed}");
        // The run before has lost its name for good, also when nobody has it any more.
        await Assert.ThrowsAnyAsync<JournalException>(() => second.BeatAsync(Beat("one")));
        await third.ResignAsync();
        await Assert.ThrowsAsync<NameTakenException>(() => second.BeatAsync(Beat("one")));
    }

    [Fact]
    public async Task a_member_that_is_silent_past_its_lease_is_not_alive_and_comes_back_with_its_next_beats()
    {
        var (one, watcher) = (await OpenAsync(), await OpenAsync());
        var beat = Beat("one");
        var first = (await one.BeatAsync(beat)).Members.Single();
        var limit = Stopwatch.StartNew();
        while ((await watcher.ReadClusterAsync()).Members.Single().IsAlive)
        {
            Assert.True(limit.Elapsed < 10 * Lease, "it is still alive");
            await Task.Delay(20);
        }
        Assert.True(limit.Elapsed > 0.9 * Lease, $"it was ended after {limit.Elapsed}");

        await Assert.ThrowsAsync<JournalUnavailableException>(() => one.BeatAsync(beat));
        var again = (await one.BeatAsync(beat)).Members.Single();
        Assert.True(again.IsAlive);
        Assert.Equal(first.StartedAt, again.StartedAt);
    }

    [Fact]
    public async Task a_member_that_is_ordered_down_loses_its_shards_at_once_and_takes_none_before_it_joins_also_after_a_restart()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        await one.BeatAsync(Beat("one"));
        var lease = await one.TakeShardAsync(1, "one");

        Assert.True(await two.OrderAsync("one", MemberOrder.Down));

        await Assert.ThrowsAsync<ShardLostException>(() => one.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0)));
        Assert.Equal(lease.Epoch + 1, (await two.TakeShardAsync(1, "two")).Epoch);
        Assert.Contains("join", (await Assert.ThrowsAsync<JournalUnavailableException>(() => one.TakeShardAsync(2, "one"))).Message, StringComparison.Ordinal);
        Assert.Equal(MemberState.Down, (await two.ReadClusterAsync()).Members[0].Beat.State);
        await one.ResignAsync();

        var restarted = await OpenAsync();
        Assert.Equal(MemberState.Down, (await restarted.BeatAsync(Beat("one"))).Members[0].Beat.State);
        Assert.True(await two.OrderAsync("one", MemberOrder.Join));
        Assert.Equal(MemberState.Up, (await restarted.ReadClusterAsync()).Members[0].Beat.State);
        await restarted.TakeShardAsync(2, "one");
    }

    [Fact]
    public async Task an_order_to_leave_is_for_the_run_that_hears_it()
    {
        var one = await OpenAsync();
        var beat = Beat("one");
        await one.BeatAsync(beat);
        Assert.True(await one.OrderAsync("one", MemberOrder.Leave));
        Assert.Equal(MemberState.Leaving, (await one.BeatAsync(beat)).Members.Single().Beat.State);
        await one.ResignAsync();
        Assert.Equal(MemberState.Leaving, (await one.BeatAsync(beat)).Members.Single().Beat.State);
        await one.ResignAsync();

        var restarted = await OpenAsync();
        Assert.Equal(MemberState.Up, (await restarted.BeatAsync(Beat("one"))).Members.Single().Beat.State);
        Assert.False(await one.OrderAsync("nobody", MemberOrder.Leave));
    }

    [Fact]
    public async Task only_a_member_that_is_not_alive_is_forgotten()
    {
        var one = await OpenAsync();
        await one.BeatAsync(Beat("one"));
        await Assert.ThrowsAsync<MemberAliveException>(() => one.OrderAsync("one", MemberOrder.Forget));
        await one.ResignAsync();
        Assert.True(await one.OrderAsync("one", MemberOrder.Forget));
        Assert.Empty((await one.ReadClusterAsync()).Members);
        Assert.False(await one.OrderAsync("one", MemberOrder.Forget));
    }

    [Fact]
    public async Task a_shard_given_back_and_an_order_are_heard_of_at_once()
    {
        var (one, two) = (await OpenAsync(), await OpenAsync());
        await one.BeatAsync(Beat("one"));
        using var heard = new SemaphoreSlim(0);
        two.OnChange(() => heard.Release());
        Assert.True(await heard.WaitAsync(TimeSpan.FromSeconds(10)), "not listening");
        await one.TakeShardAsync(3, "one");

        await one.GiveBackShardAsync(3);
        Assert.True(await heard.WaitAsync(TimeSpan.FromSeconds(10)), "a shard given back was not heard of");
        await one.OrderAsync("one", MemberOrder.Leave);
        Assert.True(await heard.WaitAsync(TimeSpan.FromSeconds(10)), "an order was not heard of");
    }

    private static MemberBeat Beat(string name) =>
        new(name, Guid.NewGuid(), ["handler"], Weight: 1, "1.2", $"http://{name}", MemberState.Up, Refused: [], Backlog: null);

    private async Task<PostgresJournal> OpenAsync()
    {
        var journal = await PostgresJournal.OpenAsync(new PostgresJournalOptions
        {
            Connection = server.Connection(_database), Shards = 4, Lease = Lease, TakeWait = TimeSpan.FromMilliseconds(500),
        });
        _journals.Add(journal);
        return journal;
    }

    private Task EndMemberAsync(string name) =>
        server.ExecuteAsync(_database, $"SELECT pg_terminate_backend(pid, 10000) FROM node WHERE name = '{name}'");
}
