using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Two nodes of one consumer group, on a real PostgreSQL, while sessions go on: every rebalance finds sessions that one node has begun and the other ends.</summary>
public sealed class ProftpdClusterTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly KafkaBroker _broker = new();
    private ClusterNode _stays = null!;
    private ClusterNode _comes = null!;

    public async Task InitializeAsync()
    {
        _broker.CreateTopic(ProftpdTopic.Name, ProftpdTopic.Partitions);
        var cluster = new ClusterSettings
        {
            Connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()), SeedNames = ["h1"], Shards = 4,
            Sources = "," + ProftpdTopic.Source(_broker, timeout: 2000),
        };
        _stays = new ClusterNode(cluster, "h1", "handler", "ingest");
        _comes = new ClusterNode(cluster, "ftp1", "ingest");
        _stays.Start();
    }

    public async Task DisposeAsync()
    {
        foreach (var node in new[] { _stays, _comes })
        {
            output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
            await node.DisposeAsync();
        }
        _broker.Dispose();
    }

    [Fact]
    public async Task A_node_that_joins_and_leaves_while_messages_flow_loses_and_doubles_nothing()
    {
        await _stays.ReadyAsync();
        await using var flow = new ProftpdFlow(_broker);
        for (var round = 0; round < 2; round++)
        {
            await JoinAsync();
            Assert.Equal(0, await _comes.StopAsync());
        }
        await CountsAsync(await flow.EndAsync());
    }

    [Fact]
    public async Task A_node_that_is_killed_while_messages_flow_loses_and_doubles_nothing()
    {
        await _stays.ReadyAsync();
        await using var flow = new ProftpdFlow(_broker);
        for (var round = 0; round < 2; round++)
        {
            await JoinAsync();
            await _comes.KillAsync();
        }
        var sessions = await flow.EndAsync();
        await CommittedAsync(sessions);
        // What it had stored and not sent is in its spool.
        await JoinAsync(reads: 0);
        await CountsAsync(sessions);
    }

    private async Task JoinAsync(long reads = 1)
    {
        _comes.Start();
        await _comes.ReadyAsync();
        await Until.TrueAsync("the second node reads", async () =>
            (await _comes.GetAsync("/api/v1/status")).GetProperty("sources").EnumerateArray().Single(s => s.Text("name") == "pro").Whole("messages") >= reads);
    }

    private Task CommittedAsync(int sessions) => Until.TrueAsync("all is committed", async () =>
        await _broker.CommittedAsync(ProftpdTopic.Group, ProftpdTopic.Name, ProftpdTopic.Partitions) == sessions * ProftpdTopic.Messages);

    private async Task CountsAsync(int sent)
    {
        await CommittedAsync(sent);
        await Until.TrueAsync($"{sent} sessions have ended", async () => (await _stays.ItemsAsync("/api/v1/sessions?open=false")).Count >= sent);
        var sessions = await _stays.ItemsAsync("/api/v1/sessions");
        Assert.All(sessions, s => Assert.Equal((1, 1, "login", "logout"), (s.Whole("uploads"), s.Whole("renames"), s.Text("began"), s.Text("ended"))));
        Assert.Equal(sent, sessions.Count);
    }
}
