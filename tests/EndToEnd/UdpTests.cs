namespace FtpActors.EndToEnd.Tests;

/// <summary>What UDP does to messages within parts of a second is mended.</summary>
[Collection(Alone.Name)]
public sealed class UdpTests
{
    [Fact]
    public async Task Duplicates_and_reordering_of_UDP_leave_the_totals_exact()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await Until.TrueAsync("the port is bound", async () => (await node.SourceAsync("udp")).GetProperty("state").GetString() == "reading");
        var (code, output, errors) = await Program.RunAsync(
            "", "simulate", "--to", $"udp:{node.Udp}", "--sessions", "1500", "--seed", "3", "--rate", "2000", "--duplicate", "0.1", "--reorder-ms", "200");
        Assert.True(code == 0, errors);
        var (sent, messages, distinct) = Totals.OfSimulation(output);
        Assert.True(messages > distinct * 1.08);

        await node.AppliedAsync(messages);
        await Until.TrueAsync("every session has ended", async () => (await node.ItemsAsync("/api/v1/who")).Count == 0);
        Assert.Equal(0, (await node.SourceAsync("udp")).GetProperty("dropped").GetInt64());
        Assert.Equal(messages - distinct, (await node.GetAsync("/api/v1/status")).GetProperty("duplicates").GetInt64());
        Assert.Equal(sent, await node.TotalsAsync());
    }
}
