using System.Globalization;
using System.Text.Json;

namespace FtpActors.EndToEnd.Tests;

public sealed class ChaosTests
{
    // About 13 messages a session: 250,000 messages for each of two hosts.
    private const string Sessions = "19500";

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_and_no_shard_has_two_writers_whatever_dies()
    {
        using var folder = new TemporaryFolder();
        var done = folder["done"];
        // One line for each session of some users: what rules owe is kept through all of it, too.
        var rules = $$"""
            [ { "name": "line", "on": ["session_end"], "user": ["press"], "actions": [ { "file": "{{done}}" } ], "retry": { "first": "200ms" } } ]
            """;
        await using var database = new Database();
        await database.StartAsync();
        await using var one = new ClusterNode("h1", database.Connection, rules: rules);
        await using var two = new ClusterNode("h2", database.Connection, rules: rules);
        await using var three = new ClusterNode("h3", database.Connection, rules: rules);
        await using var ftp1 = new ClusterNode("ftp1", database.Connection, ingest: true);
        await using var ftp2 = new ClusterNode("ftp2", database.Connection, ingest: true);
        ClusterNode[] handlers = [one, two, three];
        foreach (var node in (ClusterNode[])[.. handlers, ftp1, ftp2])
            node.Start();
        foreach (var node in (ClusterNode[])[.. handlers, ftp1, ftp2])
            await node.ReadyAsync();
        var writers = new WriterLog(database);
        await writers.StartAsync();

        await using var first = Program.Start("simulate", "--to", $"mqueue:{ftp1.Key}", "--sessions", Sessions, "--seed", "41", "--rate", "4000");
        await using var second = Program.Start("simulate", "--to", $"mqueue:{ftp2.Key}", "--sessions", Sessions, "--seed", "42", "--rate", "4000");

        await AppliedAsync(database, 20_000);
        await one.KillAsync();
        await AppliedAsync(database, 60_000);
        await two.Process!.SignalAsync("STOP");
        // Its lease is 3 s: the third one has all of its shards before it is thawed.
        await OwnedByAsync(database, "h3", 16);
        await AppliedAsync(database, 100_000);
        await two.Process!.SignalAsync("CONT");
        one.Start();
        await AppliedAsync(database, 160_000);
        await database.CrashAsync();
        await database.StartAsync();
        await AppliedAsync(database, 220_000);
        for (var i = 0; i < 5; i++)
            await TerminateOwnerInCommitAsync(database);
        await AppliedAsync(database, 280_000);
        await ftp1.KillAsync();
        await AppliedAsync(database, 320_000);
        ftp1.Start();
        await AppliedAsync(database, 360_000);
        await ftp2.KillAsync();
        ftp2.Start();

        Assert.Equal(0, await first.ExitAsync(300));
        Assert.Equal(0, await second.ExitAsync(300));
        // What a single node makes of the same seeds, by NothingIsLostTests.
        var (sent1, _, distinct1) = Totals.OfSimulation(first.Output);
        var (sent2, _, distinct2) = Totals.OfSimulation(second.Output);
        Assert.True(distinct1 + distinct2 >= 500_000, $"Only {distinct1 + distinct2} messages were sent.");
        await AppliedAsync(database, distinct1 + distinct2, 300);

        Assert.Equal(distinct1 + distinct2, await database.ReadAsync<long>("SELECT count(*) FROM event"));
        Assert.Equal(sent1, await TotalsAsync(database, "ftp1"));
        Assert.Equal(sent2, await TotalsAsync(database, "ftp2"));
        await writers.RequireOneWriterAsync();
        Assert.True(await writers.HandOversAsync() >= 16, "Hardly a shard has changed hands: the faults did not reach them.");
        await RequireDeliveriesAsync(database, done);
        foreach (var node in (ClusterNode[])[.. handlers, ftp1, ftp2])
            Assert.Equal(0, await node.StopAsync());
    }

    private static Task AppliedAsync(Database database, long events, int seconds = 180) => Until.TrueAsync(
        $"{events} events are applied",
        async () => await database.ReadAsync<long>("""
            SELECT count(*) FROM event e JOIN checkpoint c ON c.shard = e.shard AND c.spool = e.spool AND e.seq <= c.seq AND e.seq <> ALL (c.held)
            """) >= events,
        seconds);

    private static Task OwnedByAsync(Database database, string owner, int shards) => Until.TrueAsync(
        $"{owner} owns {shards} shards",
        async () => await database.ReadAsync<long>($"SELECT count(*) FROM shard WHERE owner = '{owner}'") == shards);

    // A backend that holds shards and is inside a transaction at this moment.
    private static Task TerminateOwnerInCommitAsync(Database database) => Until.TrueAsync("an owner is ended in mid-commit", async () =>
        await database.ReadAsync<long>("""
            SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
            WHERE a.pid = (SELECT b.pid FROM pg_stat_activity b JOIN shard s ON s.owner_pid = b.pid
                           WHERE b.xact_start IS NOT NULL AND b.state <> 'idle' LIMIT 1)
            """) == 1);

    private static async Task<Totals> TotalsAsync(Database database, string host)
    {
        Task<long> Sum(string column) => database.ReadAsync<long>($"SELECT coalesce(sum({column}), 0)::bigint FROM session WHERE host = '{host}'");
        return new Totals(await Sum("1"), await Sum("uploads"), await Sum("downloads"), await Sum("bytes_up"), await Sum("bytes_down"));
    }

    private static async Task RequireDeliveriesAsync(Database database, string file)
    {
        await Until.TrueAsync("nothing is owed any more", async () => await database.ReadAsync<long>("SELECT count(*) FROM delivery WHERE state = 'due'") == 0, 120);
        var ended = await database.ReadAsync<long>("""SELECT count(*) FROM session WHERE closed_at IS NOT NULL AND "user" = 'press'""");
        Assert.True(ended > 100, ended.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(ended, await database.ReadAsync<long>("SELECT count(*) FROM delivery WHERE state = 'done'"));
        var keys = (await File.ReadAllLinesAsync(file))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("delivery_key").GetString()).Distinct(StringComparer.Ordinal).Count();
        Assert.Equal(ended, keys);
    }
}
