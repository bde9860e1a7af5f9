using System.Diagnostics;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Node.Commands;

/// <summary>Sends a plan at its own pace or as fast as the target takes it.</summary>
internal sealed class TrafficSender(TrafficPlan plan, TrafficTarget target, bool paced)
{
    private long _sent;

    /// <summary>Messages sent so far; any thread may ask.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The settings that make a plan send about <paramref name="rate"/> messages per second.</summary>
    public static TrafficOptions AtRate(TrafficOptions options, double rate)
    {
        // All sessions together send concurrency / gap per second; a session has a message every 200 ms unless the rate is lower than that.
        var concurrency = (int)Math.Clamp(Math.Round(rate * 0.2), 1, 1_000_000);
        var gap = TimeSpan.FromSeconds(Math.Clamp(concurrency / rate, 0.005, 3600));
        return options with { Concurrency = concurrency, MeanGap = gap };
    }

    /// <summary>Sends everything on the caller's thread. Cancelled, it ends between two messages or while a full queue waits.</summary>
    public void Run(CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        foreach (var message in plan.Messages)
        {
            // Asked before the plan hands out the next one, because the plan counts what it handed out.
            if (paced && message.Offset - clock.Elapsed is { TotalMilliseconds: >= 1 } ahead)
                cancel.WaitHandle.WaitOne(ahead);
            target.Send(message.Bytes, cancel);
            Interlocked.Increment(ref _sent);
            if (cancel.IsCancellationRequested)
                return;
        }
    }
}
