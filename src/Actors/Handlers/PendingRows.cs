using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Handlers;

/// <summary>A row whose sessions are at work.</summary>
/// <param name="work">What it means for the sessions.</param>
/// <param name="taken">The row.</param>
internal sealed class PendingRow(RowWork work, EventsTaken taken)
{
    private int _waiting = work.Steps.Count;

    /// <summary>What it means for the sessions.</summary>
    public RowWork Work => work;

    /// <summary>The row.</summary>
    public EventsTaken Taken => taken;

    /// <summary>The sessions it changed, as they are after it.</summary>
    public Dictionary<string, SessionSnapshot> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Every session has answered.</summary>
    public bool IsDone => _waiting == 0;

    /// <summary>Events in it.</summary>
    public int Events { get; } = taken.Parts.Sum(p => p.Events.Count);

    /// <summary>A session has answered.</summary>
    public void Add(SessionSnapshot outcome)
    {
        Outcomes.Add(outcome.Record.Id, outcome);
        _waiting--;
    }
}

/// <summary>Rows of a handler between its journal and the answers of their sessions. They are done in their order, whichever session answers first.</summary>
internal sealed class PendingRows
{
    private readonly Queue<PendingRow> _order = new();
    private readonly Dictionary<long, PendingRow> _rows = [];

    /// <summary>Rows that are not done.</summary>
    public int Count => _order.Count;

    /// <summary>Events in them.</summary>
    public int Events { get; private set; }

    /// <summary>A row was applied.</summary>
    public void Add(PendingRow row)
    {
        _order.Enqueue(row);
        _rows.Add(row.Work.Row, row);
        Events += row.Events;
    }

    /// <summary>A session has answered to a row.</summary>
    public void Add(SessionOutcome outcome) => _rows[outcome.Row].Add(outcome.Snapshot);

    /// <summary>The oldest row, when all of its sessions have answered; else null.</summary>
    public PendingRow? Done => _order.TryPeek(out var row) && row.IsDone ? row : null;

    /// <summary>The oldest row has gone on.</summary>
    public void Remove()
    {
        var row = _order.Dequeue();
        _rows.Remove(row.Work.Row);
        Events -= row.Events;
    }
}
