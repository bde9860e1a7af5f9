using System.Globalization;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>PostgreSQL as sites have it: several servers, a standby that takes over, a pooler before it.</summary>
public sealed class DatabaseTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<ClusterNode> _nodes = [];
    private PostgresServer _server = null!;
    private string _database = "";

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        _database = await _server.MakeDatabaseAsync();
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
            await node.DisposeAsync();
        }
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task The_journal_of_some_handlers_is_on_another_server_and_stays_there()
    {
        await using var second = await PostgresServer.StartAsync();
        var other = await second.MakeDatabaseAsync();
        var cluster = new ClusterSettings
        {
            Connection = _server.Connection(_database), SeedNames = ["h1"], Servers = $$""" "servers": [ { "shards": "8-15", "connection": "{{second.Connection(other)}}" } ], """,
        };
        await StartAsync(cluster, ("h1", "handler"), ("h2", "handler"), ("ftp1", "ingest"));
        var (sent, events) = await SimulateAsync(_nodes[2], "300", "2000");
        await AllAsync(sent, events);
        const string handlers = "SELECT string_agg(DISTINCT persistence_id, ',') FROM journal WHERE persistence_id LIKE 'handler%'";
        Assert.Equal(Names(0, 7), await _server.ReadAsync<string>(handlers, _database));
        Assert.Equal(Names(8, 15), await second.ReadAsync<string>(handlers, other));

        // What is on the second server is found again after a restart; a table that says otherwise is refused.
        foreach (var node in _nodes.AsEnumerable().Reverse())
            Assert.Equal(0, await node.StopAsync());
        foreach (var node in _nodes)
            node.Start();
        await AllAsync(sent, events);
        Assert.Equal(0, await _nodes[1].StopAsync());
        await using var moved = new ClusterNode(new ClusterSettings(cluster) { Connection = cluster.Connection, SeedNames = ["h1"] }, "h3", "handler");
        moved.Start();
        Assert.NotEqual(0, await moved.Process!.ExitAsync());
        Assert.Contains("has the journal of the handlers 0-7, and the configuration wants those of 0-15 there", moved.Process.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", moved.Process.Errors, StringComparison.Ordinal);

        static string Names(int first, int last) => string.Join(',', Enumerable.Range(first, last - first + 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"handler-{i:00}")));
    }

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_when_a_standby_takes_over()
    {
        await using var standby = await _server.MakeStandbyAsync();
        await _server.WaitForStandbyAsync();
        var cluster = new ClusterSettings
        {
            Connection = PostgresServer.Connection(_database, _server, standby) + ";Target Session Attributes=primary", SeedNames = ["h1", "h2"],
        };
        await StartAsync(cluster, ("h1", "handler"), ("h2", "handler"), ("ftp1", "ingest"));
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{_nodes[2].Key}", "--sessions", "1500", "--seed", "7", "--rate", "2000");
        await Until.TrueAsync("events are written", async () => await _server.ReadAsync<long>("SELECT count(*) FROM journal", _database) > 50);
        await _server.CrashAsync();
        await standby.PromoteAsync();
        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await AllAsync(sent, distinct);
        await new StoredJournal(standby, _database).RequireOnceAsync(distinct);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ignore_startup_parameters = options,extra_float_digits")]
    public async Task A_pooler_is_refused_with_the_reason(string setting)
    {
        await using var pooler = await Pooler.StartAsync(_server, setting);
        await using var node = new ClusterNode(new ClusterSettings { Connection = pooler.Connection(_database), SeedNames = ["h1"] }, "h1", "handler");
        node.Start();
        Assert.NotEqual(0, await node.Process!.ExitAsync());
        Assert.Contains("There is a pooler (pgbouncer or its like) between this node and PostgreSQL", node.Process.Errors, StringComparison.Ordinal);
    }

    private async Task StartAsync(ClusterSettings cluster, params (string Name, string Role)[] nodes)
    {
        _nodes.AddRange(nodes.Select(n => new ClusterNode(cluster, n.Name, n.Role)));
        _nodes.ForEach(n => n.Start());
        foreach (var node in _nodes)
            await node.ReadyAsync();
    }

    private static async Task<(Totals Sent, long Events)> SimulateAsync(ClusterNode node, string sessions, string rate)
    {
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", sessions, "--seed", "7", "--rate", rate);
        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        return (sent, distinct);
    }

    private Task AllAsync(Totals sent, long events) => Until.TrueAsync("all that was sent is there, once", async () =>
    {
        try
        {
            var sessions = await _nodes[0].ItemsAsync("/api/v1/sessions?open=false");
            long Sum(string name) => sessions.Sum(s => s.GetProperty(name).GetInt64());
            return sent == new Totals(sessions.Count, Sum("uploads"), Sum("downloads"), Sum("bytes_up"), Sum("bytes_down"))
                && (await _nodes[0].ItemsAsync("/api/v1/events")).Count == events;
        }
        catch (HttpRequestException)
        {
            // It begins anew.
            return false;
        }
    }, 120);
}
