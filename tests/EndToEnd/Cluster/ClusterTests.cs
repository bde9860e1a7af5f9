using System.Diagnostics;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Nodes of a cluster, each a process of its own, on a real PostgreSQL.</summary>
[Collection(PostgresTests.Name)]
public sealed class ClusterTests(PostgresFixture postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<ClusterNode> _nodes = [];
    private ClusterSettings _cluster = null!;

    public async Task InitializeAsync() => _cluster = new ClusterSettings
    {
        Connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()), SeedNames = ["h1", "h2"],
    };

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Everything_is_asked_of_any_node_and_an_ingest_node_needs_no_database()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("ftp1", "ingest"), ("ftp2", "ingest"));
        var (first, second) = (_nodes[2], _nodes[3]);
        await SpreadAsync("h1", "h2");
        await using var one = Program.Start("simulate", "--to", $"mqueue:{first.Key}", "--sessions", "200", "--seed", "1", "--rate", "2000");
        await using var two = Program.Start("simulate", "--to", $"mqueue:{second.Key}", "--sessions", "200", "--seed", "2", "--rate", "2000");
        Assert.Equal((0, 0), (await one.ExitAsync(), await two.ExitAsync()));
        var (sent1, _, events1) = Totals.OfSimulation(one.Output);
        var (sent2, _, events2) = Totals.OfSimulation(two.Output);

        foreach (var node in _nodes)
        {
            await Until.TrueAsync($"{node.Name} knows all sessions", async () => (await node.ItemsAsync("/api/v1/sessions?open=false")).Count == sent1.Sessions + sent2.Sessions);
            Assert.Equal(sent1.Sessions, (await node.ItemsAsync("/api/v1/sessions?host=ftp1")).Count);
            Assert.Equal(events1 + events2, (await node.ItemsAsync("/api/v1/events")).Count);
            Assert.Equal("ftp2", (await node.GetAsync("/api/v1/status?node=ftp2")).GetProperty("node").GetString());
            Assert.Equal(4, (await node.GetAsync("/api/v1/cluster")).GetProperty("members").GetArrayLength());
        }
        var (code, text, errors) = await Program.RunAsync("", "status", "--all", "--node", first.Url);
        Assert.True(code == 0, errors + text);
        Assert.All(_nodes, n => Assert.Contains($"Node {n.Name},", text, StringComparison.Ordinal));
        (code, text, errors) = await Program.RunAsync("", "cluster", "status", "--node", second.Url);
        Assert.True(code == 0, errors + text);
        Assert.Contains("All is well.", text, StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await _nodes[0].StopAsync());
    }

    [Fact]
    public async Task A_handler_node_that_is_killed_is_replaced_within_two_seconds()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("h3", "handler"));
        await SpreadAsync("h1", "h2", "h3");
        await _nodes[1].KillAsync();
        var killed = Stopwatch.StartNew();
        await AllAnswerAsync(_nodes[0]);
        output.WriteLine($"all handlers answer {killed.ElapsedMilliseconds} ms after kill -9");
        Assert.True(killed.Elapsed < TimeSpan.FromSeconds(2), $"it took {killed.Elapsed}");

        // The first is the oldest: it has the coordinator of the shards.
        _nodes[1].Start();
        await SpreadAsync("h1", "h2", "h3");
        await _nodes[0].KillAsync();
        killed.Restart();
        await AllAnswerAsync(_nodes[2]);
        output.WriteLine($"all handlers answer {killed.ElapsedMilliseconds} ms after kill -9 of the oldest");
        Assert.True(killed.Elapsed < TimeSpan.FromSeconds(3), $"it took {killed.Elapsed}");
    }

    [Fact]
    public async Task A_handler_node_that_is_frozen_is_replaced_within_ten_seconds_and_begins_anew_when_it_is_thawed()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("h3", "handler"));
        await SpreadAsync("h1", "h2", "h3");
        await _nodes[1].Process!.SignalAsync("STOP");
        var frozen = Stopwatch.StartNew();
        await AllAnswerAsync(_nodes[0]);
        output.WriteLine($"all handlers answer {frozen.ElapsedMilliseconds} ms after SIGSTOP");
        Assert.True(frozen.Elapsed < TimeSpan.FromSeconds(10), $"it took {frozen.Elapsed}");
        await Until.TrueAsync("its lock in the database is gone", async () =>
            await postgres.Server.ReadAsync<long>("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2") == 2);
        await _nodes[1].Process!.SignalAsync("CONT");
        await SpreadAsync("h1", "h2", "h3");
        Assert.False(_nodes[1].Process!.HasExited, _nodes[1].Process!.Errors);
        Assert.Contains("begins anew", _nodes[1].Process!.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_node_that_leaves_hands_over_and_ends_well()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"));
        await SpreadAsync("h1", "h2");
        var (code, text, errors) = await Program.RunAsync("", "cluster", "leave", "h2", "--node", _nodes[0].Url);
        Assert.True(code == 0, errors + text);
        Assert.Equal(0, await _nodes[1].Process!.ExitAsync(30));
        await SpreadAsync("h1");
        _nodes[1].Start();
        await SpreadAsync("h1", "h2");
        Assert.Equal(0, await _nodes[0].StopAsync());
        await SpreadAsync(_nodes[1], "h2");
    }

    [Fact]
    public async Task A_node_whose_seeds_are_away_reads_into_its_spool_and_says_so_and_ships_when_they_are_there()
    {
        var ftp = Add("ftp1", "ingest");
        ftp.Start();
        await ftp.ReadyAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "100", "--seed", "5", "--rate", "2000");
        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await Until.TrueAsync("all is in the spool", async () =>
            (await ftp.GetAsync("/api/v1/status")).GetProperty("forwarder").GetProperty("backlog").GetInt64() == distinct);
        Assert.Contains("seeds", (await ftp.GetAsync("/api/v1/status")).GetProperty("cluster_trouble").GetString(), StringComparison.Ordinal);

        await StartAsync(("h1", "handler"));
        await Until.TrueAsync("all sessions are there", async () => await EndedSessionsAsync(ftp) == sent.Sessions);
    }

    [Fact]
    public async Task An_ingest_node_joins_anew_when_all_handlers_were_away()
    {
        await StartAsync(("h1", "handler"), ("ftp1", "ingest"));
        var ftp = _nodes[1];
        await _nodes[0].KillAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "100", "--seed", "6", "--rate", "2000");
        Assert.Equal(0, await simulation.ExitAsync());
        _nodes[0].Start();
        await _nodes[0].ReadyAsync();
        await Until.TrueAsync("all sessions are there", async () => await EndedSessionsAsync(ftp) == Totals.OfSimulation(simulation.Output).Totals.Sessions, 90);
    }

    // 0 as long as no handler can be asked.
    private static async Task<int> EndedSessionsAsync(ClusterNode asked)
    {
        try
        {
            return (await asked.ItemsAsync("/api/v1/sessions?open=false")).Count;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private ClusterNode Add(string name, params string[] roles)
    {
        var node = new ClusterNode(_cluster, name, roles);
        _nodes.Add(node);
        return node;
    }

    private async Task StartAsync(params (string Name, string Role)[] nodes)
    {
        var started = nodes.Select(n => Add(n.Name, n.Role)).ToList();
        started.ForEach(n => n.Start());
        foreach (var node in started)
            await node.ReadyAsync();
    }

    private Task SpreadAsync(params string[] names) => SpreadAsync(_nodes.First(n => n.Process is { HasExited: false }), names);

    // Each has its share, and nobody else is there.
    private Task SpreadAsync(ClusterNode asked, params string[] names) => Until.TrueAsync($"the handlers are spread over {string.Join(", ", names)}", async () =>
    {
        try
        {
            var homes = (await asked.HomesAsync()).Where(h => h.Key.StartsWith('h')).ToDictionary();
            return homes.Keys.Order(StringComparer.Ordinal).SequenceEqual(names.Order(StringComparer.Ordinal)) && homes.Values.Sum() == _cluster.Shards
                && homes.Values.Max() - homes.Values.Min() <= _cluster.Shards / 4;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }, 60);

    // Asked anew every 50 ms, because a question that was sent to a dead node is only given up after seconds.
    private static async Task AllAnswerAsync(ClusterNode asked)
    {
        var answered = false;
        var asking = new List<Task>();
        await Until.TrueAsync("all handlers answer", async () =>
        {
            asking.Add(AskAsync());
            await Task.WhenAny(Task.Delay(50), Task.WhenAll(asking));
            return Volatile.Read(ref answered);
        }, 20);

        async Task AskAsync()
        {
            var status = await asked.GetAsync("/api/v1/status");
            if (status.GetProperty("journal_trouble").GetString() is null)
                Volatile.Write(ref answered, true);
        }
    }
}
