using System.Text.Json;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Tests;

public sealed class BacklogWatchTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_backlog_above_the_limit_adds_one_delivery_for_each_rule_that_waits_for_it()
    {
        await using var journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _scratch.Folder, Shards = 2, Host = "test" });
        var (rules, problems) = RuleFile.Parse(
            """
            [ { "name": "tell", "on": ["backlog_high"], "actions": [ { "file": "/tmp/a" } ] },
              { "name": "elsewhere", "on": ["backlog_high"], "host": ["other"], "actions": [ { "file": "/tmp/a" } ] },
              { "name": "up", "on": ["upload"], "actions": [ { "file": "/tmp/a" } ] } ]
            """, "rules.conf");
        Assert.Empty(problems);
        using var runners = new ActionRunners(new ExecOptions(), null, TimeProvider.System);
        var actor = new DeliveryActor(
            journal, new RuleBook(rules!, null), runners, new DeliveryOptions { Node = "test" }, new ActionSlots(16), TimeProvider.System, NullLoggerFactory.Instance);
        await using var watch = new BacklogWatch(
            "test", new BacklogLimits(2, TimeSpan.FromHours(1)), journal, journal, actor, TimeProvider.System, NullLoggerFactory.Instance);

        await AppendAsync(journal, 2);
        Assert.Equal(0, await watch.LookAsync());
        await AppendAsync(journal, 1);
        Assert.Equal(1, await watch.LookAsync());
        Assert.Equal(0, await watch.LookAsync());

        var made = new List<DeliveryRecord>();
        await foreach (var delivery in ((IDeliveries)journal).QueryAsync(new DeliveryQuery(), default))
            made.Add(delivery);
        Assert.Equal(("tell", "backlog_high"), (Assert.Single(made).Delivery.Rule, made[0].Delivery.Trigger));
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(made[0].Delivery.Facts).GetProperty("waiting").GetInt64());
    }

    private static Task<long> AppendAsync(SqliteJournal journal, int count) => journal.AppendAsync(new SourceBatch("s",
        [.. Enumerable.Range(0, count).Select(i => new FtpEvent
        {
            ReceivedAt = DateTimeOffset.UtcNow, Kind = EventKind.Login, Host = "test", Source = "s", User = $"user{i}", Status = EventStatus.Ok,
        })], []));
}
