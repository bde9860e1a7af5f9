using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Nodes that find each other by Akka.Discovery.</summary>
public sealed class BootstrapTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly List<ClusterNode> _nodes = [];
    private string _connection = "";

    public async Task InitializeAsync() => _connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync());

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Nodes_that_name_where_to_ask_find_each_other_and_one_that_was_thawed_finds_them_again()
    {
        var ports = new[] { "h1", "h2", "h3", "ftp1" }.ToDictionary(name => name, _ => FreePort.Take(), StringComparer.Ordinal);
        var contacts = string.Join(", ", ports.Where(p => p.Key is "h1" or "h2").Select(p => $"\"127.0.0.1:{p.Value}\""));
        var cluster = new ClusterSettings
        {
            Connection = _connection, SeedNames = [],
            Bootstrap = name => $$"""{ "method": "config", "contacts": [{{contacts}}], "listen": "127.0.0.1:{{ports[name]}}" }""",
        };
        Add(cluster, "ftp1", "ingest");
        Add(cluster, "h1", "handler");
        _nodes.ForEach(n => n.Start());
        // One of the two that are named begins no cluster, and neither does an ingest node.
        await Until.TrueAsync("it waits for the second one", async () => _nodes[0].Process!.Errors.Length > 0 && await MembersAsync(_nodes[0]) == 0);
        Add(cluster, "h2", "handler").Start();
        await MembersAsync(3);
        Add(cluster, "h3", "handler").Start();
        await MembersAsync(4);
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{_nodes[0].Key}", "--sessions", "200", "--seed", "8", "--rate", "2000");
        Assert.Equal(0, await simulation.ExitAsync());
        await Until.TrueAsync("all sessions are there", async () =>
            (await _nodes[0].ItemsAsync("/api/v1/sessions?open=false")).Count == Totals.OfSimulation(simulation.Output).Totals.Sessions, 60);

        await _nodes[2].Process!.SignalAsync("STOP");
        await Until.TrueAsync("it is taken off", async () => await MembersAsync(_nodes[1]) == 3, 30);
        await _nodes[2].Process!.SignalAsync("CONT");
        await MembersAsync(4);
        Assert.Contains("begins anew", _nodes[2].Process!.Errors, StringComparison.Ordinal);
        foreach (var node in _nodes)
            Assert.Equal(0, await node.StopAsync());
    }

    [Fact]
    public async Task Nodes_whose_addresses_one_name_has_find_each_other()
    {
        using var folder = new TemporaryFolder();
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal) { ["h1"] = "127.0.0.2", ["h2"] = "127.0.0.3", ["ftp1"] = "127.0.0.4" };
        await File.WriteAllLinesAsync(folder["hosts"], addresses.Values.Select(address => $"{address} ftpactors.example"));
        var port = FreePort.Take();
        var cluster = new ClusterSettings
        {
            Connection = _connection, SeedNames = [], HostOf = name => addresses[name],
            Bootstrap = name => $$"""{ "method": "dns", "service": "ftpactors.example", "listen": "{{addresses[name]}}:{{port}}" }""",
            // Names as this file has them, for these processes only.
            Before = _ => ["unshare", "--mount", "sh", "-c", """mount --bind "$0" /etc/hosts && exec "$@" """, folder["hosts"]],
        };
        Add(cluster, "h1", "handler");
        Add(cluster, "h2", "handler");
        Add(cluster, "ftp1", "ingest");
        _nodes.ForEach(n => n.Start());
        await MembersAsync(3);
    }

    private Task MembersAsync(int count) => Until.TrueAsync($"{count} nodes are one cluster", async () =>
    {
        foreach (var node in _nodes)
        {
            if (await MembersAsync(node) != count)
                return false;
        }
        return true;
    }, 90);

    // Members that are up, as a node sees them; 0 when it does not answer.
    private static async Task<int> MembersAsync(ClusterNode node)
    {
        try
        {
            return (await node.GetAsync("/api/v1/cluster")).GetProperty("members").EnumerateArray().Count(m => m.GetProperty("status").GetString() == "up");
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private ClusterNode Add(ClusterSettings cluster, string name, string role)
    {
        var node = new ClusterNode(cluster, name, role);
        _nodes.Add(node);
        return node;
    }
}
