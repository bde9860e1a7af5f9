using FtpActors.Actors.History;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// What a handler's rows add to the history, in the order of the rows: the history's position says that everything up to it is there, so no row may overtake another
/// one that is still at work.
/// </summary>
/// <param name="offer">Takes what is next.</param>
internal sealed class HistoryOutbox(Action<HistoryItem> offer)
{
    // Rows that are in the journal and not in the history, in their order; the first ones have been handed over.
    private readonly Queue<(long Row, int Events, DateTimeOffset? Oldest)> _rows = new();
    private readonly Queue<long> _order = new();
    private readonly Dictionary<long, HistoryItem> _ready = [];

    /// <summary>Everything that any row so far adds is written.</summary>
    public bool IsEmpty => _rows.Count == 0;

    /// <summary>Rows that were handed over and are not written yet.</summary>
    public int Unwritten => _rows.Count - _order.Count;

    /// <summary>Events in the journal that are not in the history.</summary>
    public int Events { get; private set; }

    /// <summary>When the oldest of them was received; null when there is none.</summary>
    public DateTimeOffset? OldestReceived => Events == 0 ? null : _rows.Select(r => r.Oldest).FirstOrDefault(at => at is not null);

    /// <summary>A row is in the journal; what it adds comes later.</summary>
    /// <param name="row">The row.</param>
    /// <param name="taken">Its events; null when it has none.</param>
    public void Expect(long row, EventsTaken? taken = null)
    {
        var events = taken?.Parts.Sum(p => p.Events.Count) ?? 0;
        _order.Enqueue(row);
        _rows.Enqueue((row, events, events == 0 ? null : taken!.Parts.First(p => p.Events.Count > 0).Events[0].Event.ReceivedAt));
        Events += events;
    }

    /// <summary>What an expected row adds.</summary>
    public void Add(HistoryItem item)
    {
        _ready.Add(item.Row, item);
        while (_order.TryPeek(out var next) && _ready.Remove(next, out var ready))
        {
            _order.Dequeue();
            offer(ready);
        }
    }

    /// <summary>The oldest row that was handed over is written.</summary>
    public void Written() => Events -= _rows.Dequeue().Events;
}
