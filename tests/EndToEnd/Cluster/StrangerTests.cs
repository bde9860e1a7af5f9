using System.Net.Sockets;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Promise 9: strangers stay out.</summary>
public sealed class StrangerTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    [Fact]
    public async Task Garbage_at_the_port_and_a_node_with_a_certificate_of_another_authority_harm_nothing_and_hardly_fill_the_log()
    {
        using var authority = await Certificates.MakeAsync("node");
        using var other = await Certificates.MakeAsync("node");
        var ours = new ClusterSettings { Connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()), SeedNames = ["h1"], Tls = authority.Setting() };
        var theirs = new ClusterSettings(ours) { Connection = ours.Connection, SeedNames = ["h1"], Tls = other.Setting() };
        await using var handler = new ClusterNode(ours, "h1", "handler");
        await using var stranger = new ClusterNode(theirs, "stranger", "ingest");
        await using var friend = new ClusterNode(ours, "ftp1", "ingest");
        handler.Start();
        await handler.ReadyAsync();
        var before = Lines(handler);
        var random = new Random(5);
        for (var i = 0; i < 100; i++)
        {
            using var client = new TcpClient("127.0.0.1", int.Parse(ours.AddressOf("h1").Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
            var bytes = new byte[random.Next(1, 4000)];
            random.NextBytes(bytes);
            // Some begin as frames of Akka do, with a length that is not absurd.
            if (i % 2 == 0)
                bytes[0] = 0;
            await client.GetStream().WriteAsync(bytes);
        }
        stranger.Start();
        await Until.TrueAsync("the stranger is told why, and tries on", () => stranger.Process!.Errors.Contains("not of the same authority", StringComparison.Ordinal));
        friend.Start();
        await friend.ReadyAsync();

        await Until.TrueAsync("the friend is in", async () => (await friend.GetAsync("/api/v1/cluster")).GetProperty("members").GetArrayLength() == 2);
        Assert.False(stranger.Process!.HasExited, stranger.Process.Errors);
        Assert.DoesNotContain("stranger", (await handler.GetAsync("/api/v1/cluster")).GetProperty("members").ToString(), StringComparison.Ordinal);
        output.WriteLine(handler.Process!.Errors);
        Assert.True(Lines(handler) - before < 60, $"{Lines(handler) - before} lines");
        Assert.Equal(0, await friend.StopAsync());
        Assert.Equal(0, await handler.StopAsync());
    }

    private static int Lines(ClusterNode node) => node.Process!.Errors.Count(c => c == '\n');
}
