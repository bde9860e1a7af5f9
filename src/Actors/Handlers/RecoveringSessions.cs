using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// The sessions of a handler while it recovers: the same steps, without an actor for each of thousands of sessions that ended long ago.
/// </summary>
internal sealed class RecoveringSessions
{
    private readonly Dictionary<string, SessionSnapshot> _open = new(StringComparer.Ordinal);

    /// <summary>Puts back an open session.</summary>
    public void Restore(SessionSnapshot snapshot) => _open.Add(snapshot.Record.Id, snapshot);

    /// <summary>Does the steps of a row.</summary>
    /// <returns>The sessions that it changed, as they are after it.</returns>
    public IReadOnlyList<SessionSnapshot> Do(RowWork work, bool keepFiles)
    {
        var changed = new List<SessionSnapshot>(work.Steps.Count);
        foreach (var (id, steps) in work.Steps)
        {
            var session = Session.Do(_open.GetValueOrDefault(id), steps, keepFiles);
            changed.Add(session);
            if (session.Record.Ended is null)
                _open[id] = session;
            else
                _open.Remove(id);
        }
        return changed;
    }

    /// <summary>Those that are open, in the order they opened.</summary>
    public IEnumerable<SessionSnapshot> Open => _open.Values.OrderBy(s => s.Record.OpenedAt);
}
