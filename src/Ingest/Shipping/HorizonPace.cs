
namespace FtpActors.Ingest.Shipping;

/// <summary>
/// When a shipper with nothing to ship tells the handlers of its horizon: often while a datagram may be missed by somebody (a source that may
/// deliver out of order, and events of the last minute), else only so often that idle sessions end in time.
/// </summary>
internal sealed class HorizonPace(Horizon horizon, TimeProvider time)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    // A handler holds events at most for its reorder window, which is far below this; a node is not started again that fast.
    private static readonly TimeSpan AfterTheEnd = TimeSpan.FromSeconds(2);

    private DateTimeOffset _newest;
    private long? _reported;

    private TimeSpan Every => horizon.HasMarks && time.GetUtcNow() - _newest < Fresh ? Often : Seldom;

    /// <summary>How long until the next report is due.</summary>
    public TimeSpan Wait => _reported is { } at && Every - time.GetElapsedTime(at) is var left && left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);

    /// <summary>It is time for a report.</summary>
    public bool IsDue => _reported is not { } at || time.GetElapsedTime(at) >= Every;

    /// <summary>Events were shipped, and the horizon with them or not.</summary>
    public void Shipped(DateTimeOffset newest, bool reported)
    {
        _newest = newest;
        if (reported)
            Reported();
    }

    /// <summary>The horizon was told.</summary>
    public void Reported() => _reported = time.GetTimestamp();

    /// <summary>The last one before the end: no source runs any more, so nothing is received in the next moments, and what is held need not wait for the next start.</summary>
    public DateTimeOffset Last(DateTimeOffset at) => horizon.HasMarks ? at : at + AfterTheEnd;
}
