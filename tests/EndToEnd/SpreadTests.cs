using FtpActors.Journal.Tests.Postgres;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Nodes whose journal is on two servers: real processes.</summary>
[Collection("postgres")]
public sealed class SpreadTests(PostgresServer server)
{
    [Fact]
    public async Task What_one_node_reads_are_the_sessions_of_another_each_in_the_database_of_its_shard()
    {
        string[] databases = [await server.MakeDatabaseAsync(), await server.MakeDatabaseAsync()];
        var journal = $$"""
            "kind": "postgres", "connection": [{{string.Join(", ", databases.Select(d => $"\"{server.Connection(d)}\""))}}], "servers": { "0-4": 0, "5-15": 1 }
            """;
        await using var ingest = new TestNode(journal: journal, roles: "\"ingest\"");
        await using var handler = new TestNode(journal: journal, roles: "\"handler\"", name: "handler1");
        await Task.WhenAll(ingest.StartAsync(), handler.StartAsync());
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ingest.Key}", "--sessions", "300", "--seed", "7", "--rate", "0");
        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);

        await Until.TrueAsync("everything is applied", async () =>
        {
            var status = await handler.GetAsync("/api/status");
            return status.GetProperty("events").GetInt64() >= distinct && status.GetProperty("waiting").GetInt64() == 0;
        }, 120);
        Assert.Equal(sent, await handler.TotalsAsync());

        var rows = new long[2];
        foreach (var (number, database) in databases.Index())
        {
            rows[number] = await server.ReadAsync<long>(database, "SELECT count(*) FROM event");
            Assert.Equal(0, await server.ReadAsync<long>(database, $"SELECT count(*) FROM event WHERE (shard <= 4) <> ({number} = 0)"));
            Assert.Equal(0, await server.ReadAsync<long>(database, $"SELECT count(*) FROM session WHERE (shard <= 4) <> ({number} = 0)"));
        }
        Assert.All(rows, count => Assert.True(count > 0));
        Assert.Equal(distinct, rows.Sum());
        Assert.Equal(0, await ingest.StopAsync());
        Assert.Equal(0, await handler.StopAsync());
    }
}
