using System.Diagnostics;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Handler nodes, each a process of its own, that share the shards of one journal on a real PostgreSQL.</summary>
[Collection("postgres")]
public sealed class ClusterTests(PostgresServer server, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Shards = 16;
    private readonly List<ClusterNode> _nodes = [];
    private PostgresJournal _journal = null!;
    private string _connection = "";
    private long _appended;

    public async Task InitializeAsync()
    {
        _connection = server.Connection(await server.MakeDatabaseAsync());
        _journal = await PostgresJournal.OpenAsync(new PostgresJournalOptions { Connection = _connection, Shards = Shards });
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _journal.DisposeAsync();
    }

    [Fact]
    public async Task A_node_that_is_killed_is_replaced_within_two_seconds_and_nothing_is_lost_or_counted_twice()
    {
        await StartAsync("a", "b", "c");
        await SettledAsync("a", "b", "c");
        var writing = new CancellationTokenSource();
        var written = Task.Run(() => AppendUntilAsync(writing.Token));

        await _nodes[0].Process!.KillAsync();
        var killed = Stopwatch.StartNew();
        await Until.TrueAsync("every shard has a living owner", async () => Held(await _journal.ReadClusterAsync(), "b", "c") == Shards, seconds: 20);
        output.WriteLine($"all shards owned {killed.ElapsedMilliseconds} ms after kill -9");
        Assert.True(killed.Elapsed < TimeSpan.FromSeconds(2), $"it took {killed.Elapsed}");

        await writing.CancelAsync();
        await written;
        await AppliedAsync();
        Assert.Equal(_appended, await UploadsAsync());
    }

    [Fact]
    public async Task A_node_that_is_frozen_past_its_lease_writes_nothing_stale_and_joins_again()
    {
        await StartAsync("a", "b", "c");
        await SettledAsync("a", "b", "c");
        await AppendAsync(200);
        await AppliedAsync();

        await _nodes[0].Process!.SignalAsync("STOP");
        await AppendAsync(200);
        await Until.TrueAsync("the shards of the frozen node have moved", async () => Held(await _journal.ReadClusterAsync(), "b", "c") == Shards, seconds: 10);
        await AppliedAsync();
        await _nodes[0].Process!.SignalAsync("CONT");
        await AppendAsync(200);

        await SettledAsync("a", "b", "c");
        await AppliedAsync();
        Assert.Equal(600, await UploadsAsync());
        Assert.False(_nodes[0].Process!.HasExited, _nodes[0].Process!.Errors);
    }

    [Fact]
    public async Task A_node_that_is_ordered_to_leave_gives_its_shards_back_and_ends_well()
    {
        await StartAsync("a", "b", "c");
        await SettledAsync("a", "b", "c");
        await AppendAsync(100);

        Assert.True(await _journal.OrderAsync("a", MemberOrder.Leave));

        Assert.Equal(0, await _nodes[0].Process!.ExitAsync(60));
        await SettledAsync("b", "c");
        await AppliedAsync();
        Assert.Equal(100, await UploadsAsync());
        Assert.True(await _journal.OrderAsync("a", MemberOrder.Forget));
    }

    [Fact]
    public async Task A_node_that_is_ordered_down_has_no_shard_until_it_joins()
    {
        await StartAsync("a", "b", "c");
        await SettledAsync("a", "b", "c");

        Assert.True(await _journal.OrderAsync("a", MemberOrder.Down));
        await SettledAsync("b", "c");
        Assert.True(await _journal.OrderAsync("a", MemberOrder.Join));
        await SettledAsync("a", "b", "c");
    }

    [Fact]
    public async Task A_node_that_is_stopped_hands_over_at_once_and_a_second_node_of_the_same_name_is_refused()
    {
        await StartAsync("a", "b");
        await SettledAsync("a", "b");
        var twin = new ClusterNode("a", _connection);
        _nodes.Add(twin);
        twin.Start();
        Assert.Equal(1, await twin.Process!.ExitAsync(60));
        Assert.Contains("node.name", twin.Process.Errors, StringComparison.Ordinal);

        await _nodes[0].Process!.SignalAsync("TERM");
        Assert.Equal(0, await _nodes[0].Process!.ExitAsync(60));
        await SettledAsync("b");
    }

    [Fact]
    public async Task A_stronger_node_has_more_shards()
    {
        _nodes.AddRange([new ClusterNode("big", _connection, weight: 300), new ClusterNode("small", _connection, weight: 100)]);
        foreach (var node in _nodes)
            node.Start();
        await Until.TrueAsync("the shards are shared by weight", async () =>
        {
            var view = await _journal.ReadClusterAsync();
            return (Held(view, "big"), Held(view, "small")) == (12, 4);
        });
    }

    [Fact]
    public async Task After_all_shards_and_memberships_were_lost_at_once_every_shard_is_owned_again()
    {
        await StartAsync("a", "b", "c");
        await SettledAsync("a", "b", "c");
        await server.ExecuteAsync("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^ftpactors (shard|member|listener)'");
        await SettledAsync("a", "b", "c");
        Assert.All(_nodes, n => Assert.False(n.Process!.HasExited, n.Process!.Errors));
    }

    [Fact]
    public async Task Six_nodes_that_start_at_once_settle_without_a_storm()
    {
        string[] names = ["a", "b", "c", "d", "e", "f"];
        await StartAsync(names);
        await SettledAsync(names);
        var taken = (await _journal.ReadClusterAsync()).Shards.Sum(s => s.Epoch);
        output.WriteLine($"{Shards} shards were taken {taken} times");
        // Together they need one take for each shard. One by one, on a machine that is that slow, 16 takes for the first and 22 hand-overs to the others.
        Assert.True(taken <= 38, $"{Shards} shards were taken {taken} times");
    }

    private async Task StartAsync(params string[] names)
    {
        _nodes.AddRange(names.Select(name => new ClusterNode(name, _connection)));
        foreach (var node in _nodes)
            node.Start();
        foreach (var node in _nodes)
            await node.ReadyAsync();
    }

    // Everybody has its share, and nothing changes over ten looks.
    private async Task SettledAsync(params string[] names)
    {
        var (since, epochs) = (Stopwatch.StartNew(), -1L);
        await Until.TrueAsync($"the shards are shared by {string.Join(", ", names)}", async () =>
        {
            var view = await _journal.ReadClusterAsync();
            var now = view.Shards.Sum(s => s.Epoch);
            if (now != epochs || !names.All(n => Held(view, n) is var held && held >= Shards / names.Length && held <= (Shards + names.Length - 1) / names.Length))
                (since, epochs) = (Stopwatch.StartNew(), now);
            return since.Elapsed > TimeSpan.FromSeconds(2.5);
        }, seconds: 90);
    }

    private static int Held(ClusterView view, params string[] owners) => view.Shards.Count(s => s.IsHeld && owners.Contains(s.Owner));

    private Task AppendAsync(int events)
    {
        var batch = Enumerable.Range(0, events).Select(i => new FtpEvent
        {
            ReceivedAt = DateTimeOffset.UtcNow, Kind = EventKind.Upload, Host = "ftp1", Source = "test", Service = "site", User = $"user{i % 50}",
            RemoteHost = "10.0.0.1", Path = "/a", Bytes = 1, Status = EventStatus.Ok,
        }).ToList();
        var after = _appended;
        _appended += events;
        return _journal.AppendAsync("00112233aabbccdd", "ftp1", after, batch, DateTimeOffset.UtcNow);
    }

    private async Task AppendUntilAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await AppendAsync(20);
    }

    private Task AppliedAsync() => Until.TrueAsync(
        "everything is applied", async () => (await _journal.ReadBacklogAsync()).All(s => s.Waiting == 0));

    private async Task<long> UploadsAsync()
    {
        var uploads = 0L;
        await foreach (var session in _journal.QuerySessionsAsync(new SessionQuery(), default))
            uploads += session.Uploads;
        return uploads;
    }
}
