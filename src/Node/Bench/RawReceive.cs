using System.Diagnostics;

namespace FtpActors.Node.Bench;

/// <summary>The physical limit of the queue: one thread sends, one receives, nothing else.</summary>
internal static class RawReceive
{
    /// <summary>Messages per second.</summary>
    public static async Task<double> RunAsync(IReadOnlyList<byte[]> messages, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        var started = Stopwatch.GetTimestamp();
        var sending = queue.SendAll(messages, cancel);
        var buffer = new byte[8200];
        var wait = new SpinWait();
        for (var received = 0; received < messages.Count;)
        {
            cancel.ThrowIfCancellationRequested();
            if (queue.Queue.TryReceive(buffer) < 0)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                continue;
            }
            received++;
        }
        await sending;
        return messages.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
