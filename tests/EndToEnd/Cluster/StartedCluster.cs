using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Nodes of a cluster that a test has started, in a database of its own.</summary>
public abstract class StartedCluster(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private ClusterSettings _cluster = null!;

    protected ITestOutputHelper Output => output;

    protected PostgresServer Server => postgres.Server;

    protected string Database { get; private set; } = "";

    private protected List<ClusterNode> Nodes { get; } = [];

    public async Task InitializeAsync()
    {
        Database = await Server.MakeDatabaseAsync();
        _cluster = new ClusterSettings { Connection = Server.Connection(Database), SeedNames = ["h1", "h2"] };
    }

    public async Task DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
            await node.DisposeAsync();
        }
    }

    private protected ClusterNode Add(string name, params string[] roles)
    {
        var node = new ClusterNode(_cluster, name, roles);
        Nodes.Add(node);
        return node;
    }

    protected async Task StartAsync(params (string Name, string Role)[] nodes)
    {
        var started = nodes.Select(n => Add(n.Name, n.Role)).ToList();
        started.ForEach(n => n.Start());
        foreach (var node in started)
            await node.ReadyAsync();
    }

    protected Task SpreadAsync(params string[] names) => SpreadAsync(Nodes.First(n => n.Process is { HasExited: false }), names);

    // Each has its share, and nobody else is there.
    private protected Task SpreadAsync(ClusterNode asked, params string[] names) => Until.TrueAsync($"the handlers are spread over {string.Join(", ", names)}", async () =>
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
}
