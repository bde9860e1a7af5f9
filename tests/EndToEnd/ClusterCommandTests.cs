using System.Text.Json;
using FtpActors.Journal;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Commands about a whole cluster, given to nodes that own nothing of it; the members that do are held by the tests.</summary>
[Collection("postgres")]
public sealed class ClusterCommandTests(PostgresServer server) : IAsyncLifetime, IDisposable
{
    private const int Shards = 4;

    private readonly TemporaryFolder _folder = new();
    private readonly List<Program> _nodes = [];
    private string _connection = "";

    public async Task InitializeAsync() => _connection = server.Connection(await server.MakeDatabaseAsync());

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_follower_sees_every_event_of_every_spool_once_also_of_one_that_appears_later()
    {
        await using var host = await ClusterMember.JoinAsync(_connection, "ftp1", Shards);
        await host.Journal.AppendAsync("spool-b", "ftp1", 0, Events("ftp1", 0, 3));
        var url = await StartAsync("onlooker");
        await using var follower = Program.Start("events", "--follow", "--last", "2", "--format", "json", "--node", url);
        await Until.TrueAsync("the follower is connected", () => follower.Output.Contains("/in/2", StringComparison.Ordinal));

        for (var i = 0; i < 100; i += 10)
        {
            await host.Journal.AppendAsync("spool-b", "ftp1", 3 + i, Events("ftp1", 3 + i, 10));
            await host.Journal.AppendAsync("spool-a", "ftp2", i, Events("ftp2", i, 10));
        }

        await Until.TrueAsync("all of both", () => Parse(follower.Output).Count >= 202);
        var seen = Parse(follower.Output).Select(e => (Spool: e.GetProperty("spool").GetString(), Seq: e.GetProperty("seq").GetInt64())).ToLookup(e => e.Spool, e => e.Seq);
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), seen["spool-a"]);
        Assert.Equal(Enumerable.Range(2, 102).Select(i => (long)i), seen["spool-b"]);
        using var status = JsonDocument.Parse((await RunAsync(0, "status", "--format", "json", "--node", url)).Output);
        Assert.Equal(203, status.RootElement.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task Every_node_answers_for_sessions_and_deliveries_that_another_one_owns()
    {
        await using var owner = await ClusterMember.JoinAsync(_connection, "handler1", Shards);
        await owner.Journal.AppendAsync("spool-a", "ftp1", 0, Events("ftp1", 0, 1));
        var lease = await owner.Journal.TakeShardAsync(1, "handler1");
        var session = new SessionRecord
        {
            Id = "s-1", Key = new SessionKey("ftp1", "", "ann", "192.0.2.1", ""), User = "ann", RemoteHost = "192.0.2.1",
            OpenedAt = DateTimeOffset.UtcNow, LastAt = DateTimeOffset.UtcNow, Began = SessionBegan.Login,
        };
        var delivery = new NewDelivery("key-1", "new-video", "upload", "s-1", true, "ftp1", """{"user":"ann","path":"/in/0"}""", DateTimeOffset.UtcNow, null);
        await owner.Journal.CommitAsync(new ShardStep(1, lease.Epoch, [new Checkpoint("spool-a", 1, [])], [session], 0, 0) { Deliveries = [delivery] });

        foreach (var url in new[] { await StartAsync("a"), await StartAsync("b") })
        {
            Assert.Equal("ann", Parse((await RunAsync(0, "who", "--format", "json", "--node", url)).Output).Single().GetProperty("user").GetString());
            Assert.Equal("s-1", Parse((await RunAsync(0, "sessions", "--format", "json", "--node", url)).Output).Single().GetProperty("id").GetString());
            Assert.Equal("new-video", Parse((await RunAsync(0, "deliveries", "list", "--format", "json", "--node", url)).Output).Single().GetProperty("rule").GetString());
            var shard = Parse((await RunAsync(0, "cluster", "shards", "--format", "json", "--node", url)).Output).Single(s => s.GetProperty("shard").GetInt32() == 1);
            Assert.Equal(("handler1", true), (shard.GetProperty("owner").GetString(), shard.GetProperty("held").GetBoolean()));
            // The delivery waits for a host whose node is not there.
            Assert.Contains("ftp1 1", (await RunAsync(1, "cluster", "status", "--node", url)).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Status_ends_with_1_and_says_what_is_wrong_until_all_is_well()
    {
        var url = await StartAsync("onlooker");
        await using var one = await ClusterMember.JoinAsync(_connection, "h1", Shards);
        var (_, output, _) = await RunAsync(1, "cluster", "status", "--node", url);
        Assert.Contains("! Nobody owns 4 shards (0, 1, 2, 3).", output, StringComparison.Ordinal);
        var plan = Parse((await RunAsync(0, "cluster", "rebalance", "--dry-run", "--format", "json", "--node", url)).Output);
        Assert.Equal([0, 1, 2, 3], plan.Select(m => m.GetProperty("shard").GetInt32()));
        Assert.All(plan, m => Assert.Equal(("h1", "free"), (m.GetProperty("to").GetString(), m.GetProperty("reason").GetString())));

        for (var shard = 0; shard < Shards; shard++)
            await one.Journal.TakeShardAsync(shard, "h1");
        Assert.Contains("All is well.", (await RunAsync(0, "cluster", "status", "--node", url)).Output, StringComparison.Ordinal);
        Assert.Contains("Nothing is to move.", (await RunAsync(0, "cluster", "rebalance", "--node", url)).Errors, StringComparison.Ordinal);
        var shown = (await RunAsync(0, "cluster", "show", "--node", url)).Output.Split('\n').Single(line => line.StartsWith("h1 ", StringComparison.Ordinal));
        Assert.Matches(@"^h1 +handler +up .* 4 +1 ", shown);
    }

    [Fact]
    public async Task Down_takes_the_shards_of_a_member_at_once_and_join_lets_it_in_again()
    {
        var url = await StartAsync("onlooker");
        await using var one = await ClusterMember.JoinAsync(_connection, "h1", Shards);
        var lease = await one.Journal.TakeShardAsync(2, "h1");

        Assert.Contains("h1 is down; 1 shard was taken", (await RunAsync(0, "cluster", "down", "--node", "h1", "--via", url)).Output, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ShardLostException>(() => one.Journal.CommitAsync(new ShardStep(2, lease.Epoch, [], [], 0, 0)));
        Assert.Equal("down", await StatusAsync(url, "h1"));
        Assert.Contains("is alive", (await RunAsync(1, "cluster", "forget", "--node", "h1", "--via", url)).Errors, StringComparison.Ordinal);
        await RunAsync(0, "cluster", "join", "--node", "h1", "--via", url);
        Assert.Equal("up", await StatusAsync(url, "h1"));
    }

    [Fact]
    public async Task Leave_waits_until_the_shards_have_new_owners()
    {
        var url = await StartAsync("onlooker");
        await using var two = await ClusterMember.JoinAsync(_connection, "h2", Shards);
        await using var one = await ClusterMember.JoinAsync(_connection, "h1", Shards, async (self, state) =>
        {
            if (state != MemberState.Leaving)
                return true;
            foreach (var shard in new[] { 0, 3 })
            {
                await self.Journal.GiveBackShardAsync(shard);
                await two.Journal.TakeShardAsync(shard, "h2");
            }
            return false;
        });
        await one.Journal.TakeShardAsync(0, "h1");
        await one.Journal.TakeShardAsync(3, "h1");

        var (_, _, errors) = await RunAsync(0, "cluster", "leave", "--node", "h1", "--via", url);

        Assert.Contains("2 of 2 shards have new owners", errors, StringComparison.Ordinal);
        Assert.Contains("h1 has left", errors, StringComparison.Ordinal);
        Assert.Equal("left", await StatusAsync(url, "h1"));
        Assert.Contains("is not alive", (await RunAsync(1, "cluster", "leave", "--node", "h1", "--via", url)).Errors, StringComparison.Ordinal);
        Assert.Contains("known: h1, h2", (await RunAsync(1, "cluster", "down", "--node", "h3", "--via", url)).Errors, StringComparison.Ordinal);
        await RunAsync(0, "cluster", "forget", "--node", "h1", "--via", url);
        Assert.Equal("", await StatusAsync(url, "h1"));
    }

    [Fact]
    public async Task A_handler_that_is_asked_to_leave_hands_over_and_ends_while_the_command_goes_on_watching_from_another()
    {
        await using var one = new ClusterNode("one", _connection);
        await using var two = new ClusterNode("two", _connection);
        one.Start();
        two.Start();
        await one.ReadyAsync();
        await two.ReadyAsync();
        await RunAsync(0, "cluster", "rebalance", "--node", one.Url);
        using (var balanced = JsonDocument.Parse((await RunAsync(0, "cluster", "show", "--format", "json", "--node", two.Url)).Output))
            Assert.All(balanced.RootElement.GetProperty("members").EnumerateArray(), m => Assert.Equal(8, m.GetProperty("shards").GetArrayLength()));

        var (_, _, errors) = await RunAsync(0, "cluster", "leave", "--node", one.Url);

        Assert.Contains("one has left", errors, StringComparison.Ordinal);
        Assert.Equal(0, await one.Process!.ExitAsync(60));
        Assert.Contains("16 of 16 shards owned", (await RunAsync(0, "cluster", "status", "--node", two.Url)).Output, StringComparison.Ordinal);
        Assert.Equal("left", await StatusAsync(two.Url, "one"));
    }

    [Fact]
    public async Task A_node_that_is_alone_says_how_to_get_a_cluster()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        foreach (var command in new[] { "show", "status", "shards", "leave", "rebalance" })
            Assert.Contains("This node is alone", (await RunAsync(1, "cluster", command, "--node", node.Url)).Errors, StringComparison.Ordinal);
    }

    // Its role owns no shards, so it is a stranger to all that the tests hold.
    private async Task<string> StartAsync(string name)
    {
        var listen = $"127.0.0.1:{TestNode.FreeTcpPort()}";
        var config = _folder[$"{name}.conf"];
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            node = new { name, listen, roles = new[] { "ingest" }, data = _folder[name] },
            journal = new { kind = "postgres", connection = _connection, shards = Shards },
        }));
        var node = Program.Start("run", "--config", config);
        _nodes.Add(node);
        await Until.TrueAsync("the node is ready", () => !node.HasExited ? node.Errors.Contains("is ready", StringComparison.Ordinal) : throw new InvalidOperationException(node.Errors));
        return $"http://{listen}";
    }

    private static async Task<string> StatusAsync(string url, string member)
    {
        using var cluster = JsonDocument.Parse((await RunAsync(0, "cluster", "show", "--format", "json", "--node", url)).Output);
        return cluster.RootElement.GetProperty("members").EnumerateArray().Where(m => m.GetProperty("name").GetString() == member)
            .Select(m => m.GetProperty("status").GetString()!).SingleOrDefault("");
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(int expected, params string[] command)
    {
        var result = await Program.RunAsync("", command);
        Assert.True(result.Code == expected, $"{string.Join(' ', command)} ended with {result.Code}:\n{result.Output}{result.Errors}");
        return result;
    }

    private static FtpEvent[] Events(string host, int first, int count) =>
    [
        .. Enumerable.Range(first, count).Select(i => new FtpEvent
        {
            ReceivedAt = DateTimeOffset.UtcNow, Kind = EventKind.Upload, Host = host, Service = "", Source = "test", User = $"user{i % 7}",
            RemoteHost = "192.0.2.1", Path = $"/in/{i}", Bytes = 1, Status = EventStatus.Ok, Type = "UPLOAD",
        }),
    ];

    private static List<JsonElement> Parse(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.EndsWith('}')).Select(l => JsonSerializer.Deserialize<JsonElement>(l))];
}
