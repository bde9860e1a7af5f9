using System.Diagnostics;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Bench;

/// <summary>
/// From a message sent to its session committed in PostgreSQL: an ingest node and a handler node, whole, both in this process, so that one clock
/// sees both ends. One queue and one spool keep order, so the n-th message is seq n.
/// </summary>
internal static class ClusterLatency
{
    public static async Task<Latency> RunAsync(string folder, string connection, IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var handler = await StartAsync(await BenchNode.WriteConfigAsync(folder, "h1", connection, null, cancel), cancel);
        await using var ingest = await StartAsync(await BenchNode.WriteConfigAsync(folder, "ftp1", connection, queue.Key, cancel), cancel);
        while ((await handler.Store.Cluster!.ReadClusterAsync()).Shards.Any(s => !s.IsHeld))
            await Task.Delay(20, cancel);

        var committed = new long[messages.Count];
        var left = messages.Count;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        handler.Committed += (_, events) =>
        {
            var now = Stopwatch.GetTimestamp();
            foreach (var stored in events)
                committed[stored.Seq - 1] = now;
            if (Interlocked.Add(ref left, -events.Count) == 0)
                all.SetResult();
        };
        var sent = await queue.SendPaced(messages, rate, cancel);
        await all.Task.WaitAsync(TimeSpan.FromMinutes(5), cancel);
        // The first seconds are the start of the program (code being compiled, connections opened), not its work.
        return Latency.Of([.. committed.Zip(sent, (c, s) => c - s).Skip(Math.Min(10 * rate, messages.Count / 2))]);
    }

    private static async Task<FtpNode> StartAsync(string config, CancellationToken cancel)
    {
        var node = await FtpNode.StartAsync(
            NodeConfiguration.Load(config, new Dictionary<string, string>()), NullLoggerFactory.Instance, TimeProvider.System, cancel);
        while (!node.IsReady && !node.Over.IsCompleted)
            await Task.Delay(20, cancel);
        if (node.Over.IsCompleted)
            await node.Over;
        return node;
    }
}
