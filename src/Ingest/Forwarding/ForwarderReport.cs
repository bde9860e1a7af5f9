namespace FtpActors.Ingest.Forwarding;

/// <summary>What a forwarder says of itself: written by its loop and the spool's writer, read by any.</summary>
internal sealed class ForwarderReport(TimeProvider time)
{
    private readonly Lock _gate = new();
    private string _state = "starting";
    private string? _trouble;
    private string? _lastError;
    private DateTimeOffset? _lastErrorAt;
    private DateTimeOffset? _oldest;
    private long _last;
    private long _shipped;

    /// <summary>The spool has come to a seq.</summary>
    public void Spooled(long seq)
    {
        lock (_gate)
            _last = Math.Max(_last, seq);
    }

    /// <summary>The journal confirmed a number of events.</summary>
    public void Shipped(int events)
    {
        lock (_gate)
            _shipped += events;
    }

    /// <summary>The oldest event that waits was received at this time; null when none waits.</summary>
    public void Oldest(DateTimeOffset? received)
    {
        lock (_gate)
            _oldest = received;
    }

    /// <summary>It works.</summary>
    /// <returns>False when it did before.</returns>
    public bool Shipping()
    {
        lock (_gate)
        {
            var news = _state != "shipping";
            (_state, _trouble) = ("shipping", null);
            return news;
        }
    }

    /// <summary>It does not work.</summary>
    /// <returns>False when the same was said last.</returns>
    public bool Waiting(string trouble)
    {
        lock (_gate)
        {
            var news = _trouble != trouble;
            (_state, _trouble, _lastError, _lastErrorAt) = ("waiting", trouble, trouble, time.GetUtcNow());
            return news;
        }
    }

    /// <summary>It has ended.</summary>
    public void Stopped()
    {
        lock (_gate)
            (_state, _trouble) = ("stopped", null);
    }

    public ForwarderStatus Read(long confirmed)
    {
        lock (_gate)
        {
            var backlog = Math.Max(0, _last - confirmed);
            return new ForwarderStatus(_state, _trouble, _shipped, backlog, backlog == 0 ? null : _oldest, _lastError, _lastErrorAt);
        }
    }
}
