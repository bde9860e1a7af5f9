namespace FtpActors.Ingest;

/// <summary>What a source says of itself: written by its reader and its stream, read by any thread.</summary>
internal sealed class SourceReport(string name, string kind)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, string> _warnings = new(StringComparer.Ordinal);
    private string _state = "starting";
    private string? _trouble;
    private long _messages;
    private long _quarantined;
    private long _dropped;
    private long _refused;

    /// <summary>The source is in trouble, or its spool is.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_gate)
                return _state == "waiting";
        }
    }

    public void Reading()
    {
        lock (_gate)
            (_state, _trouble) = ("reading", null);
    }

    public void Waiting(string trouble)
    {
        lock (_gate)
            (_state, _trouble) = ("waiting", trouble);
    }

    /// <summary>Ends the report; <paramref name="trouble"/> says what the end has cost, null when nothing.</summary>
    public void Stopped(string? trouble)
    {
        lock (_gate)
            (_state, _trouble) = ("stopped", trouble);
    }

    /// <summary>Sets or (with null) takes back the warning of a topic. Bound: the topics are constants of the sources.</summary>
    public void Warn(string topic, string? text)
    {
        lock (_gate)
        {
            if (text is null)
                _warnings.Remove(topic);
            else
                _warnings[topic] = text;
        }
    }

    public void Stored(int messages, int quarantined)
    {
        Interlocked.Add(ref _messages, messages);
        Interlocked.Add(ref _quarantined, quarantined);
    }

    public void Dropped(long count) => Interlocked.Add(ref _dropped, count);

    public void Refused() => Interlocked.Increment(ref _refused);

    public SourceStatus Read(long? depth)
    {
        lock (_gate)
        {
            return new SourceStatus(
                name, kind, _state, _trouble, [.. _warnings.Values], Interlocked.Read(ref _messages), Interlocked.Read(ref _quarantined),
                Interlocked.Read(ref _dropped), Interlocked.Read(ref _refused), depth);
        }
    }
}
