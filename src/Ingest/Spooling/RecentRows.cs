namespace FtpActors.Ingest.Spooling;

/// <summary>The newest rows of a spool that are not shipped, for the shipper that is mostly close behind. Bounded: what is older is read from the journal.</summary>
internal sealed class RecentRows
{
    private const int MostEvents = 65_536;
    private const int MostRows = 8192;

    private readonly LinkedList<(long Row, BatchSpooled Batch)> _rows = new();
    private int _events;

    /// <summary>Adds the newest row; the oldest leave when there are too many.</summary>
    public void Add(long row, BatchSpooled batch)
    {
        _rows.AddLast((row, batch));
        _events += batch.Events.Count;
        while (_rows.Count > 1 && (_events > MostEvents || _rows.Count > MostRows))
            RemoveFirst();
    }

    /// <summary>Rows up to this one are not wanted any more.</summary>
    public void Forget(long upTo)
    {
        while (_rows.First is { } first && first.Value.Row <= upTo)
            RemoveFirst();
    }

    /// <summary>When the oldest event here was received; null when there is none.</summary>
    public DateTimeOffset? OldestReceived => _rows.Select(r => r.Batch).FirstOrDefault(b => b.Events.Count > 0)?.Events[0].ReceivedAt;

    /// <summary>Row number of the oldest; null when there is none.</summary>
    public long? First => _rows.First?.Value.Row;

    /// <summary>The rows after one, at most so many events.</summary>
    public IReadOnlyList<BatchSpooled> After(long row, int mostEvents)
    {
        var found = new List<BatchSpooled>();
        var events = 0;
        foreach (var (number, batch) in _rows)
        {
            if (number <= row)
                continue;
            if (found.Count > 0 && events + batch.Events.Count > mostEvents)
                break;
            found.Add(batch);
            events += batch.Events.Count;
        }
        return found;
    }

    private void RemoveFirst()
    {
        _events -= _rows.First!.Value.Batch.Events.Count;
        _rows.RemoveFirst();
    }
}
