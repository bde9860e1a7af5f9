using System.Diagnostics;
using FtpActors.Ingest.Linux;

namespace FtpActors.Node.Bench;

/// <summary>
/// A steady rate. Naps are short beside the time between two acts; a spin would take the core from what is measured, and Thread.Sleep of less than a
/// millisecond is one.
/// </summary>
internal static class Pace
{
    private static readonly TimeSpan Nap = TimeSpan.FromMicroseconds(100);

    /// <summary>Acts so often at a rate per second, on a thread of its own; when each act began, in ticks of <see cref="Stopwatch"/>.</summary>
    public static Task<long[]> RunAsync(int count, int rate, Action<int> act, CancellationToken cancel) => Task.Factory.StartNew(
        () =>
        {
            var begun = new long[count];
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                var due = started + (long)(i * (double)Stopwatch.Frequency / rate);
                while (Stopwatch.GetTimestamp() < due)
                    TimeCalls.Nap(Nap);
                begun[i] = Stopwatch.GetTimestamp();
                act(i);
            }
            return begun;
        },
        cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
