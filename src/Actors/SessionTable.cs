using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// The open sessions of one shard. Pure: the same events in the same order give the same sessions, whenever and however often they are applied.
/// <para>
/// Where the server gives no session id (NcFTPd), logins of one identity are counted: while more than one is open, all of them are
/// <see cref="SessionCertainty.Ambiguous"/>, operations count on the youngest and a logout ends the youngest (clients open extra connections
/// for a while and close them first).
/// </para>
/// </summary>
/// <param name="idleLimit">A session of which nothing was heard for so long has ended.</param>
/// <param name="observer">Told what happens, in order; null for nobody.</param>
internal sealed class SessionTable(TimeSpan idleLimit, ISessionObserver? observer = null)
{
    private readonly Dictionary<SessionKey, SessionActor> _youngest = [];
    private readonly List<SessionActor> _changed = [];

    /// <summary>Number of open sessions.</summary>
    public int Open { get; private set; }

    /// <summary>Puts a session back that was open when the shard's last owner committed. Call in the order they opened.</summary>
    public void Restore(SessionRecord record) => Push(new SessionActor(record));

    /// <summary>Whether a session of that key is open.</summary>
    public bool IsOpen(SessionKey key) => _youngest.ContainsKey(key);

    /// <summary>Applies the next event.</summary>
    public void Apply(StoredEvent stored)
    {
        var e = stored.Event;
        if (e.Flags.HasFlag(EventFlags.ServerRestart))
        {
            EndAll(e);
            return;
        }
        if (e.Kind == EventKind.LoginFailed)
        {
            observer?.Applied(null, stored);
            return;
        }

        var key = SessionKey.Of(e);
        if (_youngest.ContainsKey(key))
            EndIdle(key, e.ReceivedAt);

        var session = e.Kind == EventKind.Login && key.ServerSession.Length == 0 ? null : _youngest.GetValueOrDefault(key);
        if (session is null)
        {
            session = SessionActor.Begin(stored, key);
            Push(session);
            observer?.Began(session);
        }
        session.Apply(e);
        Touch(session);
        observer?.Applied(session, stored);
        if (session.Record.Ended is not null)
        {
            Pop(session);
            observer?.Ended(session);
        }
    }

    /// <summary>Ends the sessions of which nothing was heard for the idle limit.</summary>
    /// <param name="now">How late it is on a host.</param>
    /// <returns>True when there were any.</returns>
    public bool EndIdle(Func<string, DateTimeOffset> now)
    {
        var keys = _youngest.Where(entry => HasIdle(entry.Value, now(entry.Key.Host))).Select(entry => entry.Key).ToList();
        foreach (var key in keys)
            EndIdle(key, now(key.Host));
        return keys.Count > 0;
    }

    /// <summary>The records that changed since the last call.</summary>
    public IReadOnlyList<SessionRecord> TakeChanged()
    {
        if (_changed.Count == 0)
            return [];
        var records = new SessionRecord[_changed.Count];
        for (var i = 0; i < records.Length; i++)
        {
            _changed[i].Changed = false;
            records[i] = _changed[i].Record;
        }
        _changed.Clear();
        return records;
    }

    private bool HasIdle(SessionActor? session, DateTimeOffset now)
    {
        for (; session is not null; session = session.Older)
        {
            if (now - session.Record.LastAt > idleLimit)
                return true;
        }
        return false;
    }

    private void EndIdle(SessionKey key, DateTimeOffset now)
    {
        var next = _youngest.GetValueOrDefault(key);
        while (next is { } session)
        {
            next = session.Older;
            // Ended at its limit, not at the time of this look, so that a replay gives the same record.
            if (now - session.Record.LastAt > idleLimit)
                End(session, session.Record.LastAt + idleLimit, SessionEnded.Idle);
        }
    }

    // NcFTPd's service is a virtual domain: one restart ends the sessions of all of them, so only a named service narrows it.
    private void EndAll(FtpEvent restart)
    {
        foreach (var key in _youngest.Keys.Where(k => k.Host == restart.Host && (restart.Service.Length == 0 || k.Service == restart.Service)).ToList())
        {
            while (_youngest.TryGetValue(key, out var session))
                End(session, restart.ReceivedAt, SessionEnded.Restart);
        }
    }

    private void End(SessionActor session, DateTimeOffset at, SessionEnded how)
    {
        session.Close(at, how);
        Touch(session);
        Pop(session);
        observer?.Ended(session);
    }

    private void Push(SessionActor session)
    {
        var key = session.Record.Key;
        if (_youngest.TryGetValue(key, out var older))
        {
            session.Older = older;
            for (SessionActor? each = session; each is not null; each = each.Older)
            {
                each.Record.Certainty = SessionCertainty.Ambiguous;
                Touch(each);
            }
        }
        _youngest[key] = session;
        Open++;
    }

    private void Pop(SessionActor session)
    {
        var key = session.Record.Key;
        Open--;
        if (_youngest[key] == session)
        {
            if (session.Older is { } older)
                _youngest[key] = older;
            else
                _youngest.Remove(key);
            return;
        }
        var younger = _youngest[key];
        while (younger.Older != session)
            younger = younger.Older!;
        younger.Older = session.Older;
    }

    private void Touch(SessionActor session)
    {
        if (session.Changed)
            return;
        session.Changed = true;
        _changed.Add(session);
    }
}
