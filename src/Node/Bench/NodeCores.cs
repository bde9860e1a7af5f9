using System.Diagnostics;

namespace FtpActors.Node.Bench;

/// <summary>What a steady rate of messages costs a whole node that is a process of its own.</summary>
internal static class NodeCores
{
    /// <summary>Cores that it uses, in the second half of the run: what is compiled and opened at the start is not the work.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="messages">What is sent.</param>
    /// <param name="rate">So many each second.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<double> RunAsync(string folder, IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var node = await BenchNode.StartAsync(folder, queue, cancel);
        var sending = queue.SendPaced(messages, rate, cancel);
        await Task.Delay(TimeSpan.FromSeconds(messages.Count / 2.0 / rate), cancel);
        var (used, began) = (node.Cpu, Stopwatch.GetTimestamp());
        await sending;
        return (node.Cpu - used) / Stopwatch.GetElapsedTime(began);
    }
}
