using System.Globalization;
using System.Text.Json;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

[Collection(Alone.Name)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    // About 13 messages a session: 250,000 messages for each of two hosts.
    private const string Sessions = "19500";

    [Fact]
    public async Task Nothing_is_lost_or_counted_twice_and_no_handler_has_two_writers_whatever_dies()
    {
        using var folder = new TemporaryFolder();
        var done = folder["done"];
        await using var server = await PostgresServer.StartAsync();
        var database = await server.MakeDatabaseAsync();
        var cluster = new ClusterSettings
        {
            Connection = server.Connection(database), SeedNames = ["h1", "h2", "h3"],
            // One line for each session of some users: what rules owe is kept through all of it, too.
            Rules = $$"""
                [ { "name": "line", "on": ["session_end"], "user": ["press"], "actions": [ { "file": "{{done}}" } ], "retry": { "first": "200ms" } } ]
                """,
        };
        await using var one = new ClusterNode(cluster, "h1", "handler");
        await using var two = new ClusterNode(cluster, "h2", "handler");
        await using var three = new ClusterNode(cluster, "h3", "handler");
        await using var ftp1 = new ClusterNode(cluster, "ftp1", "ingest");
        await using var ftp2 = new ClusterNode(cluster, "ftp2", "ingest");
        ClusterNode[] handlers = [one, two, three];
        ClusterNode[] all = [.. handlers, ftp1, ftp2];
        try
        {
            Array.ForEach(all, node => node.Start());
            foreach (var node in all)
                await node.ReadyAsync();
            await using var first = Program.Start("simulate", "--to", $"mqueue:{ftp1.Key}", "--sessions", Sessions, "--seed", "41", "--rate", "4000");
            await using var second = Program.Start("simulate", "--to", $"mqueue:{ftp2.Key}", "--sessions", Sessions, "--seed", "42", "--rate", "4000");

            await AppliedAsync(all, 20_000);
            await one.KillAsync();
            await AppliedAsync(all, 50_000);
            await two.Process!.SignalAsync("STOP");
            // The third one has all handlers before it is thawed.
            await AppliedAsync([three], 90_000);
            await two.Process!.SignalAsync("CONT");
            one.Start();
            await AppliedAsync(all, 120_000);
            await server.CrashAsync();
            await server.StartAgainAsync();
            await AppliedAsync(all, 150_000);
            for (var i = 0; i < 5; i++)
                await EndConnectionInWriteAsync(server, database);
            await AppliedAsync(all, 180_000);
            await ftp1.KillAsync();
            await AppliedAsync(handlers, 200_000);
            ftp1.Start();
            foreach (var handler in handlers)
            {
                var before = await EventsAsync(all);
                Assert.Equal(0, await handler.StopAsync());
                handler.Start();
                await handler.ReadyAsync();
                await Until.TrueAsync("events go on", async () => (first.HasExited && second.HasExited) || await EventsAsync(all) >= before + 5_000);
            }

            Assert.Equal((0, 0), (await first.ExitAsync(300), await second.ExitAsync(300)));
            // What a single node makes of the same seeds, by NothingIsLostTests.
            var (sent1, _, distinct1) = Totals.OfSimulation(first.Output);
            var (sent2, _, distinct2) = Totals.OfSimulation(second.Output);
            Assert.True(distinct1 + distinct2 >= 500_000, $"Only {distinct1 + distinct2} messages were sent.");
            await AppliedAsync(all, distinct1 + distinct2, 300);
            await Until.TrueAsync("nothing waits", async () => (await handlers[0].GetAsync("/api/v1/status")).GetProperty("waiting").GetInt64() == 0, 120);

            Assert.Equal(sent1, await TotalsAsync(server, database, "ftp1"));
            Assert.Equal(sent2, await TotalsAsync(server, database, "ftp2"));
            var journal = new StoredJournal(server, database);
            await journal.RequireOnceAsync(distinct1 + distinct2);
            Assert.True(await journal.HandOversAsync() >= 32, "Hardly a handler has moved: the faults did not reach them.");
            await RequireDeliveriesAsync(server, database, done);
            foreach (var node in all.Reverse())
                Assert.Equal(0, await node.StopAsync());
        }
        finally
        {
            foreach (var node in all)
                output.WriteLine($"== {node.Name}\n{node.Process?.Errors}");
        }
    }

    // Events that are stored, as whichever node answers says.
    private static async Task<long> EventsAsync(IEnumerable<ClusterNode> nodes)
    {
        foreach (var node in nodes)
        {
            try
            {
                if (node.Process is { HasExited: false } && (await node.GetAsync("/api/v1/status")).GetProperty("events") is { ValueKind: JsonValueKind.Number } events)
                    return events.GetInt64();
            }
            catch (HttpRequestException)
            {
                // It has just ended, or begins.
            }
        }
        return 0;
    }

    private static Task AppliedAsync(ClusterNode[] nodes, long events, int seconds = 180) => Until.TrueAsync(
        $"{events} events are stored", async () => await EventsAsync(nodes.Where(n => n.Name.StartsWith('h'))) >= events, seconds);

    // A connection that writes to the journal and is inside a transaction at this moment.
    private static Task EndConnectionInWriteAsync(PostgresServer server, string database) => Until.TrueAsync("a writer is ended in the middle of its write", async () =>
        await server.ReadAsync<long>(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE pid = (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid() LIMIT 1)
            """, database) == 1);

    private static async Task<Totals> TotalsAsync(PostgresServer server, string database, string host)
    {
        Task<long> Sum(string column) => server.ReadAsync<long>($"SELECT coalesce(sum({column}), 0)::bigint FROM session WHERE host = '{host}'", database);
        return new Totals(await Sum("1"), await Sum("uploads"), await Sum("downloads"), await Sum("bytes_up"), await Sum("bytes_down"));
    }

    private static async Task RequireDeliveriesAsync(PostgresServer server, string database, string file)
    {
        Task<long> Count(string rows) => server.ReadAsync<long>($"SELECT count(*) FROM {rows}", database);
        var ended = await Count("""session WHERE closed_at IS NOT NULL AND "user" = 'press'""");
        Assert.True(ended > 100, ended.ToString(CultureInfo.InvariantCulture));
        // What is owed for the last ones comes into the history after the sessions themselves.
        try
        {
            await Until.TrueAsync("all that is owed is done", async () => await Count("delivery WHERE state = 'due'") == 0 && await Count("delivery") >= ended, 120);
        }
        catch (TimeoutException e)
        {
            const string states = "SELECT string_agg(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM delivery GROUP BY state) s";
            throw new TimeoutException($"{e.Message}: {ended} sessions have ended, deliveries: {await server.ReadAsync<string>(states, database)}", e);
        }
        Assert.Equal(ended, await Count("delivery WHERE state = 'done'"));
        var keys = (await File.ReadAllLinesAsync(file))
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("delivery_key").GetString()).Distinct(StringComparer.Ordinal).Count();
        Assert.Equal(ended, keys);
    }
}
