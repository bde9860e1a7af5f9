namespace FtpActors.Actors.Deliveries;

/// <summary>
/// Which due deliveries may run: those that wait for nobody, and the first of every line. Kept by rule, so that a rule without room costs nothing to pass over.
/// </summary>
internal sealed class DueLines
{
    private readonly Dictionary<string, SortedSet<long>> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<(DateTimeOffset DueAt, long Id)>> _ready = new(StringComparer.Ordinal);
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

    /// <summary>Those whose time has come, the longest due first.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isBusy">Rules that have no room.</param>
    /// <param name="isLeftOut">Deliveries that are not wanted (they run).</param>
    public IEnumerable<OwedDelivery> At(DateTimeOffset now, Func<string, bool> isBusy, Func<OwedDelivery, bool> isLeftOut) =>
        _ready.Where(rule => !isBusy(rule.Key))
            .SelectMany(rule => rule.Value.TakeWhile(d => d.DueAt <= now).Select(d => _find(d.Id)).Where(d => !isLeftOut(d)))
            .OrderBy(d => d.Delivery.DueAt).ThenBy(d => d.Id);

    /// <summary>When the next one that is not due yet will be; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var ready in _ready.Values)
        {
            var after = ready.GetViewBetween((now.AddTicks(1), 0), (DateTimeOffset.MaxValue, long.MaxValue));
            if (after.Count > 0 && (next is null || after.Min.DueAt < next))
                next = after.Min.DueAt;
        }
        return next;
    }

    private void Ready(OwedDelivery owed)
    {
        if (!_ready.TryGetValue(owed.Delivery.Rule, out var ready))
            _ready.Add(owed.Delivery.Rule, ready = []);
        ready.Add((owed.Delivery.DueAt, owed.Id));
    }

    private bool NotReady(OwedDelivery owed)
    {
        if (!_ready.TryGetValue(owed.Delivery.Rule, out var ready) || !ready.Remove((owed.Delivery.DueAt, owed.Id)))
            return false;
        if (ready.Count == 0)
            _ready.Remove(owed.Delivery.Rule);
        return true;
    }
}
