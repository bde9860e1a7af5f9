using System.Text.Json;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Actions that a rule wants on the host of the event, with the handlers elsewhere.</summary>
public sealed class OnHostTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Actions_run_on_the_host_of_the_event_and_wait_in_order_while_it_is_away()
    {
        using var folder = new TemporaryFolder();
        var done = folder["done"];
        var cluster = new ClusterSettings
        {
            Connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()), SeedNames = ["h1"],
            Rules = $$"""
                [ { "name": "here", "on": ["upload"], "where": "on-host", "order": "session", "actions": [ { "file": "{{done}}" } ], "retry": { "attempts": 2, "first": "200ms" } } ]
                """,
        };
        await using var handler = new ClusterNode(cluster, "h1", "handler");
        await using var ftp = new ClusterNode(cluster, "ftp1", "ingest");
        handler.Start();
        ftp.Start();
        await handler.ReadyAsync();
        await ftp.ReadyAsync();
        await using (var first = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "50", "--seed", "21", "--rate", "500"))
            Assert.Equal(0, await first.ExitAsync());
        await NothingDueAsync(handler);
        var deliveries = await handler.ItemsAsync("/api/v1/deliveries");
        Assert.NotEmpty(deliveries);
        Assert.All(deliveries, d => Assert.Equal("ftp1", d.GetProperty("on_host").GetString()));
        var shown = await handler.GetAsync($"/api/v1/deliveries/{deliveries[0].GetProperty("id").GetInt64()}");
        Assert.Equal("ftp1", shown.GetProperty("tries")[0].GetProperty("node").GetString());
        Assert.Equal(deliveries.Count, Keys(done).Count);

        // While the host is away nothing is tried, so nothing becomes a dead letter by its two attempts.
        await using var second = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "50", "--seed", "22", "--rate", "500");
        await Until.TrueAsync("some are owed", async () => (await handler.ItemsAsync("/api/v1/deliveries")).Count > deliveries.Count + 5);
        await ftp.KillAsync();
        ftp.Start();
        await ftp.ReadyAsync();
        Assert.Equal(0, await second.ExitAsync());
        await Until.TrueAsync("all is shipped", async () => (await ftp.GetAsync("/api/v1/status")).GetProperty("forwarder").GetProperty("backlog").GetInt64() == 0);
        await Until.TrueAsync("all is applied", async () => (await handler.GetAsync("/api/v1/status")).GetProperty("waiting").GetInt64() == 0);
        await NothingDueAsync(handler);
        var all = await handler.ItemsAsync("/api/v1/deliveries");
        Assert.All(all, d => Assert.Equal("done", d.GetProperty("state").GetString()));
        Assert.Equal(all.Count, Keys(done).Count);
        Assert.Equal(0, await ftp.StopAsync());
        Assert.Equal(0, await handler.StopAsync());
    }

    private static Task NothingDueAsync(ClusterNode handler) => Until.TrueAsync("nothing is due", async () =>
    {
        var status = await handler.GetAsync("/api/v1/status");
        return status.GetProperty("waiting").GetInt64() == 0 && status.GetProperty("deliveries").GetProperty("due").GetInt64() == 0;
    });

    // Each action at least once: more lines of one key are allowed.
    private static HashSet<string> Keys(string file) =>
        [.. File.ReadAllLines(file).Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("delivery_key").GetString()!)];
}
