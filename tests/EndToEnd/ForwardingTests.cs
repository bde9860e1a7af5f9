using FtpActors.Journal.Tests.Postgres;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Nodes on FTP hosts, PostgreSQL, and a node that has the shards: real processes.</summary>
[Collection("postgres")]
public sealed class ForwardingTests(PostgresServer server)
{
    private const string Ingest = "\"ingest\"";
    private const string Handler = "\"handler\"";

    [Fact]
    public async Task What_one_node_reads_from_its_queue_are_the_sessions_of_another_over_a_kill_and_an_absence_of_PostgreSQL()
    {
        var journal = await JournalAsync();
        await using var ingest = new TestNode(journal: journal, roles: Ingest);
        await using var handler = new TestNode(journal: journal, roles: Handler, name: "handler1");
        await Task.WhenAll(ingest.StartAsync(), handler.StartAsync());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await handler.GetAsync("/api/status")).GetProperty("forwarder").ValueKind);
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ingest.Key}", "--sessions", "3000", "--seed", "7", "--rate", "4000");

        await Until.TrueAsync("events arrive", async () => (await handler.GetAsync("/api/status")).GetProperty("events").GetInt64() > 2000);
        await ingest.Process!.KillAsync();
        await ingest.StartAsync();
        await server.StopAsync();
        try
        {
            await Until.TrueAsync("a backlog shows", async () => (await ForwarderAsync(ingest)).GetProperty("backlog").GetInt64() > 3000);
            var status = await ingest.GetAsync("/api/status");
            Assert.Equal("waiting", status.GetProperty("forwarder").GetProperty("state").GetString());
            Assert.NotNull(status.GetProperty("journal_trouble").GetString());
            Assert.Equal("reading", (await ingest.SourceAsync("queue")).GetProperty("state").GetString());
        }
        finally
        {
            await server.StartAsync();
        }

        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await AppliedAsync(handler, distinct);
        Assert.Equal(distinct, (await handler.GetAsync("/api/status")).GetProperty("events").GetInt64());
        Assert.Equal(sent, await handler.TotalsAsync());
        Assert.Equal(0, (await ForwarderAsync(ingest)).GetProperty("backlog").GetInt64());
        Assert.Equal(0, await ingest.StopAsync());
        Assert.Equal(0, await handler.StopAsync());
    }

    [Fact]
    public async Task Disorder_of_UDP_on_two_hosts_is_put_right_also_when_it_arrives_late_at_the_journal()
    {
        var journal = await JournalAsync();
        await using var first = new TestNode(journal: journal, roles: Ingest);
        await using var second = new TestNode(journal: journal, roles: Ingest, name: "ftp2");
        // Wide windows: a loaded machine delays datagrams by more than the defaults, and no two messages of a simulation are the same.
        await using var handler = new TestNode(
            journal: journal, roles: Handler, name: "handler1", handler: """{ "duplicate_window_short": "5s", "reorder_window": "3s" }""");
        await Task.WhenAll(first.StartAsync(), second.StartAsync(), handler.StartAsync());
        await Until.TrueAsync("the ports are bound", async () => (await first.SourceAsync("udp")).GetProperty("state").GetString() == "reading"
            && (await second.SourceAsync("udp")).GetProperty("state").GetString() == "reading");
        await using var one = Simulate(first, seed: "3");
        await using var two = Simulate(second, seed: "4");

        await Until.TrueAsync("events arrive", async () => (await handler.GetAsync("/api/status")).GetProperty("events").GetInt64() > 1000);
        await server.StopAsync();
        try
        {
            await Until.TrueAsync("both have a backlog", async () => (await ForwarderAsync(first)).GetProperty("backlog").GetInt64() > 500
                && (await ForwarderAsync(second)).GetProperty("backlog").GetInt64() > 500);
        }
        finally
        {
            await server.StartAsync();
        }

        Assert.Equal(0, await one.ExitAsync());
        Assert.Equal(0, await two.ExitAsync());
        var (a, messagesA, distinctA) = Totals.OfSimulation(one.Output);
        var (b, messagesB, distinctB) = Totals.OfSimulation(two.Output);
        await AppliedAsync(handler, messagesA + messagesB);
        await Until.TrueAsync("every session has ended", async () => (await handler.LinesAsync("/api/who")).Count == 0);
        Assert.Equal(0, (await first.SourceAsync("udp")).GetProperty("dropped").GetInt64() + (await second.SourceAsync("udp")).GetProperty("dropped").GetInt64());
        Assert.Equal(messagesA + messagesB - distinctA - distinctB, (await handler.GetAsync("/api/status")).GetProperty("duplicates").GetInt64());
        Assert.Equal(
            new Totals(a.Sessions + b.Sessions, a.Uploads + b.Uploads, a.Downloads + b.Downloads, a.BytesUp + b.BytesUp, a.BytesDown + b.BytesDown),
            await handler.TotalsAsync());
    }

    private static Program Simulate(TestNode node, string seed) => Program.Start(
        "simulate", "--to", $"udp:{node.Udp}", "--sessions", "700", "--seed", seed, "--rate", "1000", "--duplicate", "0.1", "--reorder-ms", "200");

    private async Task<string> JournalAsync() =>
        $"\"kind\": \"postgres\", \"connection\": \"{server.Connection(await server.MakeDatabaseAsync())}\"";

    private static async Task<System.Text.Json.JsonElement> ForwarderAsync(TestNode node) => (await node.GetAsync("/api/status")).GetProperty("forwarder");

    // The journal may still be away for a moment: its figures are null then.
    private static Task AppliedAsync(TestNode handler, long events) => Until.TrueAsync($"{events} events are applied", async () =>
    {
        var status = await handler.GetAsync("/api/status");
        return status.GetProperty("journal_trouble").GetString() is null && status.GetProperty("events").GetInt64() >= events
            && status.GetProperty("waiting").GetInt64() == 0;
    }, 120);
}
