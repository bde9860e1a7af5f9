namespace FtpActors.Ingest.Forwarding;

/// <summary>What the journal has confirmed, and since when: what was confirmed long enough ago may leave the spool. Safe for any thread.</summary>
internal sealed class Confirmed(TimeSpan keep, TimeProvider time)
{
    // Marks stand at least so far apart that there are at most about this many.
    private const int Marks = 100;

    private readonly Lock _gate = new();
    private readonly Queue<(long At, long Seq)> _marks = new();
    private long _seq;
    private long _droppable;
    private long _lastMark;

    /// <summary>The last seq that is confirmed.</summary>
    public long Seq => Volatile.Read(ref _seq);

    /// <summary>Everything up to a seq is in the journal.</summary>
    public void Add(long seq)
    {
        lock (_gate)
        {
            _seq = Math.Max(_seq, seq);
            Mark();
        }
    }

    /// <summary>The journal was asked and stands at a seq, perhaps before what it had confirmed.</summary>
    public void Reset(long seq)
    {
        lock (_gate)
        {
            if (seq < _seq)
                _marks.Clear();
            _seq = seq;
            _droppable = Math.Min(_droppable, seq);
            Mark();
        }
    }

    /// <summary>The last seq that was confirmed so long ago that it may be dropped.</summary>
    public long Droppable
    {
        get
        {
            lock (_gate)
            {
                Mark();
                while (_marks.TryPeek(out var mark) && time.GetElapsedTime(mark.At) >= keep)
                    _droppable = _marks.Dequeue().Seq;
                return _droppable;
            }
        }
    }

    private void Mark()
    {
        if (_marks.Count > 0 && time.GetElapsedTime(_lastMark) < keep / Marks)
            return;
        _lastMark = time.GetTimestamp();
        _marks.Enqueue((_lastMark, _seq));
    }
}
