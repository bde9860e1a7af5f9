using System.Globalization;

namespace FtpActors.EndToEnd.Tests;

public sealed class NothingIsLostTests
{
    [Theory]
    [InlineData("safe")]
    public async Task Nothing_received_is_lost_and_totals_are_exact_when_the_node_is_killed_ten_times(string take)
    {
        await using var node = new TestNode(take);
        await node.StartAsync();
        // About 13 messages a session: 200,000 messages.
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "15500", "--seed", "7", "--rate", "12000");

        var random = new Random(7);
        for (var kill = 0; kill < 10; kill++)
        {
            var before = (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64();
            var more = random.Next(500, 12_000);
            await Until.TrueAsync(
                $"{more} more events", async () => simulation.HasExited || (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64() >= before + more);
            Assert.False(simulation.HasExited, $"All messages were sent before kill {kill + 1}.");
            await node.Process!.KillAsync();
            await node.StartAsync();
        }

        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, messages, distinct) = Totals.OfSimulation(simulation.Output);
        Assert.True(distinct >= 200_000, messages.ToString(CultureInfo.InvariantCulture));
        await node.AppliedAsync(distinct);

        Assert.Equal(distinct, (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64());
        Assert.Equal(sent, await node.TotalsAsync());
        Assert.Equal(0, (await node.SourceAsync("queue")).GetProperty("depth").GetInt64());
        Assert.Equal(0, await node.StopAsync());
    }

    [Fact]
    public async Task A_stop_drains_what_is_stored_and_a_new_start_goes_on_where_it_was()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "2000", "--seed", "5", "--rate", "8000");
        await Until.TrueAsync("some events", async () => (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64() > 5000);
        Assert.Equal(0, await node.StopAsync());
        await node.StartAsync();
        Assert.Equal(0, await simulation.ExitAsync());
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await node.AppliedAsync(distinct);
        Assert.Equal(sent, await node.TotalsAsync());
    }
}
