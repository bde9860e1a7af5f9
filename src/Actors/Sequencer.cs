using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// Mends what UDP does to the events of a shard: drops duplicates and puts a session's events back in order. Pure: time is only what the
/// events and <see cref="Advance(string, DateTimeOffset)"/> say, and every spool has its own: one that is behind is not judged by another's
/// events. Events without a fingerprint (sources that keep order) pass through untouched.
/// <para>
/// An event waits only when it may be too early: a logout (something of the session may still be on its way), and anything of a session
/// whose login is not known yet. It waits at most the window. A login lets go what waited for it; what waits is let go in the order
/// that it speaks of itself: login first, transfers by their end, logout last. Everything else of an open session passes at once.
/// </para>
/// <para>Limit: two sessions of one identity that follow each other within the window cannot be told apart when their messages are out of order.</para>
/// </summary>
/// <param name="options">The windows.</param>
/// <param name="isOpen">Whether a session of that key is open now, everything let go so far being applied.</param>
/// <param name="apply">Applies an event that is let go.</param>
internal sealed class Sequencer(ShardOptions options, Func<SessionKey, bool> isOpen, Action<StoredEvent> apply)
{
    /// <summary>Name of the window over all spools.</summary>
    private const string AllSpools = "";

    private readonly Dictionary<SessionKey, List<StoredEvent>> _held = [];
    // As many as the journal has spools: nodes, and one more for each new data folder.
    private readonly Dictionary<string, SpoolTime> _spools = new(StringComparer.Ordinal);

    /// <summary>Duplicates dropped since the last <see cref="TakeCounts"/>.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Events let go ahead of one that came earlier, since the last <see cref="TakeCounts"/>.</summary>
    public int Reordered { get; private set; }

    /// <summary>True while something is held.</summary>
    public bool Holds => _held.Count > 0;

    /// <summary>All events that are held.</summary>
    public IEnumerable<StoredEvent> Held => _held.Values.SelectMany(events => events);

    /// <summary>Takes the next event of the shard.</summary>
    public void Offer(StoredEvent stored)
    {
        var e = stored.Event;
        if (e.Flags.HasFlag(EventFlags.ServerRestart))
        {
            foreach (var held in _held.Keys.Where(k => k.Host == e.Host).ToList())
                LetGo(held, int.MaxValue);
            apply(stored);
            return;
        }
        if (e.Fingerprint is null)
        {
            apply(stored);
            return;
        }

        Advance(stored.Spool, e.ReceivedAt);
        if (TimeOf(WindowOf(stored)).Window.IsDuplicate(e))
            Duplicates++;
        else
            Place(stored);
    }

    /// <summary>Spools of which something is held.</summary>
    public IEnumerable<string> HeldSpools => _spools.Where(s => s.Value.Limits.Count > 0).Select(s => s.Key);

    /// <summary>Does so for every spool of which something is held.</summary>
    public void Advance(Func<string, DateTimeOffset> horizon)
    {
        foreach (var spool in HeldSpools.ToList())
            Advance(spool, horizon(spool));
    }

    /// <summary>Everything of a spool received before <paramref name="horizon"/> has been offered: lets go what has waited its time.</summary>
    public void Advance(string spool, DateTimeOffset horizon)
    {
        var limits = TimeOf(spool).Limits;
        while (limits.TryPeek(out var next, out var limit) && limit < horizon)
        {
            limits.Dequeue();
            if (!_held.TryGetValue(next.Key, out var events) || !events.Contains(next.Event))
                continue;
            // Once something of a session without a login is let go, that session is open and nothing but its logout waits any longer.
            LetGo(next.Key, next.Event.Event.Kind == EventKind.Logout ? InOrder(events).IndexOf(next.Event) + 1 : CountBeforeLogout(events));
        }
    }

    /// <summary>Remembers an event that was applied or is held (of a time before this owner), so that its duplicates are known.</summary>
    public void Remember(StoredEvent stored)
    {
        if (stored.Event.Fingerprint is not null)
            TimeOf(WindowOf(stored)).Window.IsDuplicate(stored.Event);
    }

    /// <summary>Holds an event again that was held when the shard's last owner committed.</summary>
    public void HoldAgain(StoredEvent stored) => Hold(SessionKey.Of(stored.Event), stored);

    /// <summary>Whether <see cref="Advance(string, DateTimeOffset)"/> would let anything go.</summary>
    public bool WouldLetGo(string spool, DateTimeOffset horizon) =>
        _spools.TryGetValue(spool, out var time) && time.Limits.TryPeek(out _, out var limit) && limit < horizon;

    /// <summary>As it is now.</summary>
    public SequencerSnapshot Snapshot() => new(
        [.. Held], [.. _spools.SelectMany(s => s.Value.Window.Remembered.Select(m => new RememberedMessage(s.Key, m.Fingerprint, m.Expiry, m.IsLong)))]);

    /// <summary>Goes on from a snapshot; before the first event.</summary>
    public void Restore(SequencerSnapshot snapshot)
    {
        foreach (var message in snapshot.Remembered)
            TimeOf(message.Spool).Window.Remember(message.Fingerprint, message.Expiry, message.IsLong);
        foreach (var held in snapshot.Held)
            HoldAgain(held);
    }

    /// <summary>Both counts since the last call.</summary>
    public (int Duplicates, int Reordered) TakeCounts()
    {
        var counts = (Duplicates, Reordered);
        Duplicates = Reordered = 0;
        return counts;
    }

    private void Place(StoredEvent stored)
    {
        var key = SessionKey.Of(stored.Event);
        switch (stored.Event.Kind)
        {
            case EventKind.LoginFailed:
                apply(stored);
                break;
            case EventKind.Login when isOpen(key):
                // The session that is open ends here or goes on beside this one; either way what waits is of the time before.
                LetGo(key, int.MaxValue);
                apply(stored);
                break;
            case EventKind.Login:
                apply(stored);
                if (_held.TryGetValue(key, out var waiting))
                {
                    Reordered++;
                    LetGo(key, CountBeforeLogout(waiting));
                }
                break;
            case EventKind.Logout:
                Hold(key, stored);
                break;
            default:
                if (!isOpen(key))
                {
                    Hold(key, stored);
                    break;
                }
                if (_held.ContainsKey(key))
                    Reordered++;
                apply(stored);
                break;
        }
    }

    private void Hold(SessionKey key, StoredEvent stored)
    {
        if (!_held.TryGetValue(key, out var events))
            _held[key] = events = [];
        events.Add(stored);
        TimeOf(stored.Spool).Limits.Enqueue((key, stored), stored.Event.ReceivedAt + options.ReorderWindow);
    }

    // A message of a topic may be stored by two nodes, when one dies between storing and committing; it names its session and its time, so the same is the same wherever it was stored.
    private static string WindowOf(StoredEvent stored) => stored.Event.Session is null ? stored.Spool : AllSpools;

    private SpoolTime TimeOf(string spool)
    {
        if (!_spools.TryGetValue(spool, out var time))
        {
            _spools.Add(spool, time = new SpoolTime(spool == AllSpools
                ? new DuplicateWindow(options.SessionDuplicateWindow, options.SessionDuplicateWindow)
                : new DuplicateWindow(options.ShortDuplicateWindow, options.LongDuplicateWindow)));
        }
        return time;
    }

    private void LetGo(SessionKey key, int count)
    {
        if (!_held.Remove(key, out var events))
            return;
        var sorted = InOrder(events);
        for (var i = 0; i < sorted.Count && i < count; i++)
        {
            if (sorted[i] != events[i])
                Reordered++;
            apply(sorted[i]);
        }
        if (sorted.Count > count)
            _held[key] = sorted[count..];
    }

    private static int CountBeforeLogout(List<StoredEvent> events) => events.Count(held => held.Event.Kind != EventKind.Logout);

    // Login first, logout last; between them transfers stand in the order of their ends, and what carries no time keeps its place.
    private static List<StoredEvent> InOrder(List<StoredEvent> events)
    {
        var sorted = events.OrderBy(s => s.Event.Kind switch { EventKind.Login => 0, EventKind.Logout => 2, _ => 1 }).ToList();
        var places = Enumerable.Range(0, sorted.Count).Where(i => sorted[i].Event.EndedAt is not null).ToList();
        var timed = places.Select(i => sorted[i]).OrderBy(s => s.Event.EndedAt).ToList();
        for (var i = 0; i < places.Count; i++)
            sorted[places[i]] = timed[i];
        return sorted;
    }

    private sealed record SpoolTime(DuplicateWindow Window)
    {
        // Bounded by the events of one reorder window: each entry leaves when its limit has passed.
        public PriorityQueue<(SessionKey Key, StoredEvent Event), DateTimeOffset> Limits { get; } = new();
    }
}
