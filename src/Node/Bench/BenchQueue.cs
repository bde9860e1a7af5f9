using System.Diagnostics;
using FtpActors.Ingest.Linux;

namespace FtpActors.Node.Bench;

/// <summary>A queue of the benchmark's own with a random key, removed at the end, and a thread that fills it.</summary>
internal sealed class BenchQueue : IDisposable
{
    public BenchQueue()
    {
        Key = QueueKey.Parse($"0x{Random.Shared.Next(0x10000000, 0x7fffffff):X8}");
        Queue = SystemVQueue.OpenOrCreate(Key, 0x180);
    }

    public QueueKey Key { get; }

    public SystemVQueue Queue { get; }

    /// <summary>Sends all messages on a thread of its own, as fast as the queue takes them.</summary>
    /// <returns>The longest time that one of them had to wait until it fitted.</returns>
    public Task<TimeSpan> SendAll(IReadOnlyList<byte[]> messages, CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            var (longest, last) = (0L, Stopwatch.GetTimestamp());
            foreach (var message in messages)
            {
                Queue.Send(1, message, cancel);
                var now = Stopwatch.GetTimestamp();
                (longest, last) = (Math.Max(longest, now - last), now);
            }
            return Stopwatch.GetElapsedTime(0, longest);
        },
        cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Sends at a steady rate; when each was sent, in ticks of a stopwatch.</summary>
    public Task<long[]> SendPaced(IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel) =>
        Pace.RunAsync(messages.Count, rate, i => Queue.Send(1, messages[i], cancel), cancel);

    public void Dispose() => Queue.Remove();
}
