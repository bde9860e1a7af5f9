using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Nodes of a cluster, each a process of its own, on a real PostgreSQL.</summary>
public sealed class ClusterTests(PostgresFixture postgres, ITestOutputHelper output) : StartedCluster(postgres, output)
{
    [Fact]
    public async Task Everything_is_asked_of_any_node_and_an_ingest_node_needs_no_database()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("ftp1", "ingest"), ("ftp2", "ingest"));
        var (first, second) = (Nodes[2], Nodes[3]);
        await SpreadAsync("h1", "h2");
        await using var one = Program.Start("simulate", "--to", $"mqueue:{first.Key}", "--sessions", "200", "--seed", "1", "--rate", "2000");
        await using var two = Program.Start("simulate", "--to", $"mqueue:{second.Key}", "--sessions", "200", "--seed", "2", "--rate", "2000");
        Assert.Equal((0, 0), (await one.ExitAsync(), await two.ExitAsync()));
        var (sent1, _, events1) = Totals.OfSimulation(one.Output);
        var (sent2, _, events2) = Totals.OfSimulation(two.Output);

        foreach (var node in Nodes)
        {
            await Until.TrueAsync($"{node.Name} knows all sessions", async () => (await node.ItemsAsync("/api/v1/sessions?open=false")).Count == sent1.Sessions + sent2.Sessions);
            Assert.Equal(sent1.Sessions, (await node.ItemsAsync("/api/v1/sessions?host=ftp1")).Count);
            Assert.Equal(events1 + events2, (await node.ItemsAsync("/api/v1/events")).Count);
            Assert.Equal("ftp2", (await node.GetAsync("/api/v1/status?node=ftp2")).GetProperty("node").GetString());
            Assert.Equal(4, (await node.GetAsync("/api/v1/cluster")).GetProperty("members").GetArrayLength());
        }
        var (code, text, errors) = await Program.RunAsync("", "status", "--all", "--node", first.Url);
        Assert.True(code == 0, errors + text);
        Assert.All(Nodes, n => Assert.Contains($"Node {n.Name},", text, StringComparison.Ordinal));
        (code, text, errors) = await Program.RunAsync("", "cluster", "status", "--node", second.Url);
        Assert.True(code == 0, errors + text);
        Assert.Contains("All is well.", text, StringComparison.Ordinal);
        Assert.Equal(0, await first.StopAsync());
        Assert.Equal(0, await Nodes[0].StopAsync());
    }

    [Fact]
    public async Task A_handler_node_that_leaves_hands_over_and_ends_well()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"));
        await SpreadAsync("h1", "h2");
        var (code, text, errors) = await Program.RunAsync("", "cluster", "leave", "h2", "--node", Nodes[0].Url);
        Assert.True(code == 0, errors + text);
        Assert.Equal(0, await Nodes[1].Process!.ExitAsync(30));
        await SpreadAsync("h1");
        Nodes[1].Start();
        await SpreadAsync("h1", "h2");
        Assert.Equal(0, await Nodes[0].StopAsync());
        await SpreadAsync(Nodes[1], "h2");
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
        var ftp = Nodes[1];
        await Nodes[0].KillAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "100", "--seed", "6", "--rate", "2000");
        Assert.Equal(0, await simulation.ExitAsync());
        Nodes[0].Start();
        await Nodes[0].ReadyAsync();
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
}
