using System.Diagnostics;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>How soon a node that died or stands still is replaced.</summary>
[Collection(Alone.Name)]
public sealed class ReplacementTests(PostgresFixture postgres, ITestOutputHelper output) : StartedCluster(postgres, output)
{
    [Fact]
    public async Task A_handler_node_that_is_killed_is_replaced_within_two_seconds()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("h3", "handler"));
        await SpreadAsync("h1", "h2", "h3");
        await Nodes[1].KillAsync();
        var killed = Stopwatch.StartNew();
        await AllAnswerAsync(Nodes[0]);
        Output.WriteLine($"all handlers answer {killed.ElapsedMilliseconds} ms after kill -9");
        Assert.True(killed.Elapsed < TimeSpan.FromSeconds(2), $"it took {killed.Elapsed}");

        // The first is the oldest: it has the coordinator of the shards.
        Nodes[1].Start();
        await SpreadAsync("h1", "h2", "h3");
        await Nodes[0].KillAsync();
        killed.Restart();
        await AllAnswerAsync(Nodes[2]);
        Output.WriteLine($"all handlers answer {killed.ElapsedMilliseconds} ms after kill -9 of the oldest");
        Assert.True(killed.Elapsed < TimeSpan.FromSeconds(3), $"it took {killed.Elapsed}");
    }

    [Fact]
    public async Task A_handler_node_that_is_frozen_is_replaced_within_ten_seconds_and_begins_anew_when_it_is_thawed()
    {
        await StartAsync(("h1", "handler"), ("h2", "handler"), ("h3", "handler"));
        await SpreadAsync("h1", "h2", "h3");
        await Nodes[1].Process!.SignalAsync("STOP");
        var frozen = Stopwatch.StartNew();
        await AllAnswerAsync(Nodes[0]);
        Output.WriteLine($"all handlers answer {frozen.ElapsedMilliseconds} ms after SIGSTOP");
        Assert.True(frozen.Elapsed < TimeSpan.FromSeconds(10), $"it took {frozen.Elapsed}");
        await Until.TrueAsync("its lock in the database is gone", async () =>
            await Server.ReadAsync<long>("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", Database) == 2);
        await Nodes[1].Process!.SignalAsync("CONT");
        await SpreadAsync("h1", "h2", "h3");
        Assert.False(Nodes[1].Process!.HasExited, Nodes[1].Process!.Errors);
        Assert.Contains("begins anew", Nodes[1].Process!.Errors, StringComparison.Ordinal);
    }

    // Asked anew every 50 ms, because a question that was sent to a dead node is only given up after seconds.
    private static async Task AllAnswerAsync(ClusterNode asked)
    {
        var answered = false;
        var asking = new List<Task>();
        await Until.TrueAsync("all handlers answer", async () =>
        {
            asking.Add(AskAsync());
            await Task.WhenAny(Task.Delay(50), Task.WhenAll(asking));
            return Volatile.Read(ref answered);
        }, 20);

        async Task AskAsync()
        {
            var status = await asked.GetAsync("/api/v1/status");
            if (status.GetProperty("journal_trouble").GetString() is null)
                Volatile.Write(ref answered, true);
        }
    }
}
