using System.Globalization;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Many who follow at once.</summary>
public sealed class StreamsTests
{
    private const int Streams = 1000;

    [Fact]
    public async Task A_thousand_event_streams_get_every_event_within_bounded_memory()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        var before = Resident(node);
        using var handler = new SocketsHttpHandler { MaxConnectionsPerServer = Streams };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var counts = new int[Streams];
        var open = 0;
        var following = Enumerable.Range(0, Streams).Select(i => FollowAsync(i)).ToList();
        await Until.TrueAsync("all are open", () => Volatile.Read(ref open) == Streams, 60);

        await using (var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "50", "--seed", "3", "--rate", "500"))
            Assert.Equal(0, await simulation.ExitAsync());
        var events = (await node.ItemsAsync("/api/v1/events")).Count;
        await Until.TrueAsync("all have all of them", () => counts.All(c => Volatile.Read(ref c) >= events), 90);
        var grown = Resident(node) - before;
        await end.CancelAsync();
        await Task.WhenAll(following);
        Assert.All(counts, c => Assert.Equal(events, c));
        Assert.True(grown < 500_000_000, string.Create(CultureInfo.InvariantCulture, $"{grown / 1e6:0} MB for {Streams} streams"));
        // Those who left are forgotten: the node does what it did.
        Assert.NotEmpty(await node.ItemsAsync("/api/v1/sessions"));

        async Task FollowAsync(int i)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"{node.Url}/api/v1/events/stream"), HttpCompletionOption.ResponseHeadersRead, end.Token);
                answer.EnsureSuccessStatusCode();
                using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(end.Token));
                while (await lines.ReadLineAsync(end.Token) is { } line)
                {
                    // The mark of the beginning: from here on nothing is missed.
                    if (line.StartsWith("id: ", StringComparison.Ordinal) && counts[i] == 0)
                        Interlocked.Increment(ref open);
                    if (line.StartsWith("data: ", StringComparison.Ordinal))
                        Interlocked.Increment(ref counts[i]);
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The end of the test.
            }
        }
    }

    private static long Resident(TestNode node) => long.Parse(
        File.ReadLines($"/proc/{node.Process!.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture) * 1024;
}
