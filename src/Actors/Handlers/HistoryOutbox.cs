using FtpActors.Actors.History;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// What a handler's rows add to the history, in the order of the rows: the history's position says that everything up to it is there, so no row may overtake another
/// one that is still at work.
/// </summary>
/// <param name="offer">Takes what is next.</param>
internal sealed class HistoryOutbox(Action<HistoryItem> offer)
{
    private readonly Queue<long> _order = new();
    private readonly Dictionary<long, HistoryItem> _ready = [];
    private int _unwritten;

    /// <summary>Everything that any row so far adds is written.</summary>
    public bool IsEmpty => _order.Count == 0 && _unwritten == 0;

    /// <summary>Rows that were handed over and are not written yet.</summary>
    public int Unwritten => _unwritten;

    /// <summary>A row is in the journal; what it adds comes later.</summary>
    public void Expect(long row) => _order.Enqueue(row);

    /// <summary>What an expected row adds.</summary>
    public void Add(HistoryItem item)
    {
        _ready.Add(item.Row, item);
        while (_order.TryPeek(out var next) && _ready.Remove(next, out var ready))
        {
            _order.Dequeue();
            _unwritten++;
            offer(ready);
        }
    }

    /// <summary>A row is written.</summary>
    public void Written() => _unwritten--;
}
