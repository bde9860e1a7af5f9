using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>
/// Which session an event belongs to, and which sessions begin and end by it. Pure: the same events in the same order give the same sessions, whenever and however
/// often they are applied.
/// <para>
/// Where the server gives no session id (NcFTPd), logins of one identity are counted: while more than one is open, all of them are
/// <see cref="SessionCertainty.Ambiguous"/>, operations count on the youngest and a logout ends the youngest (clients open extra connections
/// for a while and close them first).
/// </para>
/// </summary>
/// <param name="idleLimit">A session of which nothing was heard for so long has ended.</param>
internal sealed class SessionRouter(TimeSpan idleLimit)
{
    // Most texts of keys that are remembered; beyond it all are remembered anew.
    private const int MostTexts = 10_000;

    private readonly Dictionary<SessionKey, OpenSession> _youngest = [];
    // Each event brings its own copy of the service and the user, and an open session would keep it.
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    /// <summary>Number of open sessions.</summary>
    public int Open { get; private set; }

    /// <summary>Puts an open session back, without a word to it. Call in the order they opened.</summary>
    public void Restore(OpenSession session) => Link(session);

    /// <summary>Whether a session of that key is open.</summary>
    public bool IsOpen(SessionKey key) => _youngest.ContainsKey(key);

    /// <summary>Applies the next event.</summary>
    public void Apply(StoredEvent stored, RowWork work)
    {
        var e = stored.Event;
        if ((e.Flags & EventFlags.ServerRestart) != 0)
        {
            EndAll(e, work);
            return;
        }
        if (e.Kind == EventKind.LoginFailed)
        {
            work.Applied.Add(new AppliedEvent(stored, null));
            return;
        }

        var key = SessionKey.Of(e);
        if (_youngest.ContainsKey(key))
            EndIdle(key, e.ReceivedAt, work);

        var session = e.Kind == EventKind.Login && key.ServerSession.Length == 0 ? null : _youngest.GetValueOrDefault(key);
        session ??= Begin(stored, key, work);
        if (e.ReceivedAt > session.LastAt)
            session.LastAt = e.ReceivedAt;
        work.Add(session, new SessionStep.Apply(stored));
        work.Applied.Add(new AppliedEvent(stored, session.Id));
        if (e.Kind == EventKind.Logout)
            Leave(session, work);
    }

    /// <summary>Ends the sessions of which nothing was heard for the idle limit.</summary>
    /// <param name="now">How late it is on a host.</param>
    /// <param name="work">Gets their ends.</param>
    public void EndIdle(Func<string, DateTimeOffset> now, RowWork work)
    {
        foreach (var key in IdleKeys(now).ToList())
            EndIdle(key, now(key.Host), work);
    }

    /// <summary>Whether <see cref="EndIdle(Func{string, DateTimeOffset}, RowWork)"/> would end any.</summary>
    public bool HasIdle(Func<string, DateTimeOffset> now) => IdleKeys(now).Any();

    private OpenSession Begin(StoredEvent stored, SessionKey eventKey, RowWork work)
    {
        var key = eventKey with { Service = Shared(eventKey.Service), User = Shared(eventKey.User) };
        var session = new OpenSession(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stored.Spool}-{stored.Seq}"), key, stored.Event.ReceivedAt);
        Link(session);
        work.Add(session, new SessionStep.Begin(stored, session.Id, key));
        work.Began.Add((session, stored));
        if (session.Older is not null)
        {
            for (OpenSession? each = session; each is not null; each = each.Older)
                work.Add(each, SessionStep.Doubt.Instance);
        }
        return session;
    }

    private string Shared(string text)
    {
        if (_texts.TryGetValue(text, out var known))
            return known;
        if (_texts.Count >= MostTexts)
            _texts.Clear();
        _texts.Add(text);
        return text;
    }

    private IEnumerable<SessionKey> IdleKeys(Func<string, DateTimeOffset> now)
    {
        foreach (var (key, youngest) in _youngest)
        {
            for (OpenSession? session = youngest; session is not null; session = session.Older)
            {
                if (now(key.Host) - session.LastAt <= idleLimit)
                    continue;
                yield return key;
                break;
            }
        }
    }

    private void EndIdle(SessionKey key, DateTimeOffset now, RowWork work)
    {
        var next = _youngest.GetValueOrDefault(key);
        while (next is { } session)
        {
            next = session.Older;
            // Ended at its limit, not at the time of this look, so that a replay gives the same record.
            if (now - session.LastAt > idleLimit)
                End(session, session.LastAt + idleLimit, SessionEnded.Idle, work);
        }
    }

    // NcFTPd's service is a virtual domain: one restart ends the sessions of all of them, so only a named service narrows it.
    private void EndAll(FtpEvent restart, RowWork work)
    {
        foreach (var key in _youngest.Keys.Where(k => k.Host == restart.Host && (restart.Service.Length == 0 || k.Service == restart.Service)).ToList())
        {
            while (_youngest.TryGetValue(key, out var session))
                End(session, restart.ReceivedAt, SessionEnded.Restart, work);
        }
    }

    private void End(OpenSession session, DateTimeOffset at, SessionEnded how, RowWork work)
    {
        work.Add(session, new SessionStep.End(at, how));
        Leave(session, work);
    }

    private void Leave(OpenSession session, RowWork work)
    {
        Unlink(session);
        work.Ended.Add(session.Id);
    }

    private void Link(OpenSession session)
    {
        session.Older = _youngest.GetValueOrDefault(session.Key);
        _youngest[session.Key] = session;
        Open++;
    }

    private void Unlink(OpenSession session)
    {
        Open--;
        var younger = _youngest[session.Key];
        if (younger == session)
        {
            if (session.Older is { } older)
                _youngest[session.Key] = older;
            else
                _youngest.Remove(session.Key);
            return;
        }
        while (younger.Older != session)
            younger = younger.Older!;
        younger.Older = session.Older;
    }
}
