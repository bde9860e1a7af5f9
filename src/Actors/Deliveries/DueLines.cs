namespace FtpActors.Actors.Deliveries;

/// <summary>
/// Which due deliveries may run: those that wait for nobody, and the first of every line. Kept by rule and host, so that a rule without room and a host that is away cost nothing to
/// pass over, however many wait for them.
/// </summary>
internal sealed class DueLines
{
    private readonly Dictionary<string, SortedSet<long>> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<DuePlace, SortedSet<(DateTimeOffset DueAt, long Id)>> _ready = [];
    private readonly Func<long, OwedDelivery> _find;

    /// <param name="find">The delivery of a number.</param>
    public DueLines(Func<long, OwedDelivery> find) => _find = find;

    /// <summary>A delivery has become due.</summary>
    public void Add(OwedDelivery owed)
    {
        if (owed.Line is not { } name)
        {
            Ready(owed);
            return;
        }
        if (!_lines.TryGetValue(name, out var line))
            _lines.Add(name, line = []);
        var before = line.Count > 0 ? line.Min : 0;
        line.Add(owed.Id);
        if (line.Min != owed.Id)
            return;
        // One that a person made due again goes before those that came after it.
        if (before != 0)
            NotReady(_find(before));
        Ready(owed);
    }

    /// <summary>A delivery is not due any more.</summary>
    public void Remove(OwedDelivery owed)
    {
        NotReady(owed);
        if (owed.Line is not { } name || !_lines.TryGetValue(name, out var line) || !line.Remove(owed.Id))
            return;
        if (line.Count == 0)
            _lines.Remove(name);
        else if (owed.Id < line.Min)
            Ready(_find(line.Min));
    }

    /// <summary>A due delivery has another time now.</summary>
    public void Move(OwedDelivery old, OwedDelivery now)
    {
        if (NotReady(old))
            Ready(now);
    }

    /// <summary>Those whose time has come, the longest due first; found one by one while they are asked for.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isShut">Whether nothing may run there; asked again before each one.</param>
    /// <param name="isLeftOut">Deliveries that are not wanted (they run).</param>
    public IEnumerable<OwedDelivery> At(DateTimeOffset now, Func<DuePlace, bool> isShut, Func<long, bool> isLeftOut)
    {
        var next = new PriorityQueue<(DuePlace Place, IEnumerator<(DateTimeOffset DueAt, long Id)> Ready), (DateTimeOffset DueAt, long Id)>();
        void Go(DuePlace place, IEnumerator<(DateTimeOffset DueAt, long Id)> ready)
        {
            while (ready.MoveNext() && ready.Current.DueAt <= now)
            {
                if (isLeftOut(ready.Current.Id))
                    continue;
                next.Enqueue((place, ready), ready.Current);
                return;
            }
        }
        foreach (var (place, ready) in _ready)
        {
            if (!isShut(place))
                Go(place, ready.GetEnumerator());
        }
        while (next.TryDequeue(out var first, out var due))
        {
            if (isShut(first.Place))
                continue;
            yield return _find(due.Id);
            Go(first.Place, first.Ready);
        }
    }

    /// <summary>When the next one that is not due yet will be; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var ready in _ready.Values)
        {
            // Not its count, which would look at all of them. Numbers begin at 1.
            var first = ready.GetViewBetween((now.AddTicks(1), 0), (DateTimeOffset.MaxValue, long.MaxValue)).Min;
            if (first.Id > 0 && (next is null || first.DueAt < next))
                next = first.DueAt;
        }
        return next;
    }

    private void Ready(OwedDelivery owed)
    {
        if (!_ready.TryGetValue(owed.Place, out var ready))
            _ready.Add(owed.Place, ready = []);
        ready.Add((owed.Delivery.DueAt, owed.Id));
    }

    private bool NotReady(OwedDelivery owed)
    {
        if (!_ready.TryGetValue(owed.Place, out var ready) || !ready.Remove((owed.Delivery.DueAt, owed.Id)))
            return false;
        if (ready.Count == 0)
            _ready.Remove(owed.Place);
        return true;
    }
}
