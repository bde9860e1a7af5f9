namespace FtpActors.Ingest;

/// <summary>
/// The time up to which everything that sources of this node received is durable and has been offered to the shards. The sequencer
/// lets a held event go when the horizon passes its limit, never by the wall clock: while a datagram waits unread or unwritten, the
/// horizon stands still. Only sources that may deliver out of order (UDP) hold it back.
/// </summary>
public sealed class Horizon
{
    private readonly Lock _gate = new();
    private Mark[] _marks = [];

    /// <summary>Adds a source that starts with nothing on its way.</summary>
    public Mark Add(DateTimeOffset now)
    {
        var mark = new Mark(this, now);
        lock (_gate)
            _marks = [.. _marks, mark];
        return mark;
    }

    /// <summary>Whether a source is there that may deliver out of order.</summary>
    public bool HasMarks => Volatile.Read(ref _marks).Length > 0;

    /// <summary>The horizon; <paramref name="now"/> when no source holds it back.</summary>
    public DateTimeOffset Read(DateTimeOffset now)
    {
        foreach (var mark in Volatile.Read(ref _marks))
        {
            if (mark.Time < now)
                now = mark.Time;
        }
        return now;
    }

    private void Remove(Mark mark)
    {
        lock (_gate)
            _marks = [.. _marks.Where(m => m != mark)];
    }

    /// <summary>One source's part of the horizon.</summary>
    public sealed class Mark : IDisposable
    {
        private readonly Horizon _horizon;
        private long _ticks;

        internal Mark(Horizon horizon, DateTimeOffset now)
        {
            _horizon = horizon;
            _ticks = now.UtcTicks;
        }

        /// <summary>Nothing received before this is on its way.</summary>
        public DateTimeOffset Time => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

        /// <summary>Moves it forward: called when the source found nothing to read and all that it had read is durable.</summary>
        public void Advance(DateTimeOffset to) => Volatile.Write(ref _ticks, Math.Max(_ticks, to.UtcTicks));

        /// <summary>The source has stopped: it holds nothing back any more.</summary>
        public void Dispose() => _horizon.Remove(this);
    }
}
