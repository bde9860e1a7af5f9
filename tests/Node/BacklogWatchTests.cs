using FtpActors.Actors;
using System.Text.Json;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Bench;
using FtpActors.Node.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Tests;

public sealed class BacklogWatchTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_backlog_above_the_limit_adds_one_delivery_for_each_rule_that_waits_for_it()
    {
        var (rules, problems) = RuleFile.Parse(
            """
            [ { "name": "tell", "on": ["backlog_high"], "actions": [ { "file": "/tmp/a" } ] },
              { "name": "elsewhere", "on": ["backlog_high"], "host": ["other"], "actions": [ { "file": "/tmp/a" } ] },
              { "name": "up", "on": ["upload"], "actions": [ { "file": "/tmp/a" } ] } ]
            """, "rules.conf");
        Assert.Empty(problems);
        await using var bench = await BenchEngine.StartAsync(_scratch.Folder, rules!.Rules, new NoActions(), 0, default);
        await using var watch = new BacklogWatch(
            "test", new BacklogLimits(2, TimeSpan.FromHours(1)), bench.Engine, bench.Book, TimeProvider.System, NullLoggerFactory.Instance);

        Assert.Equal(0, await watch.LookAsync(Waiting(spool: 1, handler: 1)));
        Assert.Equal(1, await watch.LookAsync(Waiting(spool: 1, handler: 2)));
        Assert.Equal(0, await watch.LookAsync(Waiting(spool: 1, handler: 2)));

        await bench.CalmAsync(default);
        var made = Assert.Single(await bench.Engine.History.QueryDeliveriesAsync(new DeliveryQuery()).ToListAsync());
        Assert.Equal(("tell", "backlog_high", 1), (made.Delivery.Rule, made.Delivery.Trigger, made.Shard));
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(made.Delivery.Facts).GetProperty("waiting").GetInt64());
    }

    private static Backlog Waiting(int spool, int handler) => new(
        new SpoolStatus("s", spool, 0, null, 0), [new HandlerStatus(0, 1, 0, 0, null, [], 0, 0, 0, "ftp1"), new HandlerStatus(1, 1, 0, handler, DateTimeOffset.UtcNow, [], 0, 0, 0, "ftp1")]);
}
