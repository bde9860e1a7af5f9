using System.Collections.Immutable;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>All that a session is at one moment; never changed.</summary>
/// <param name="Record">Its figures.</param>
/// <param name="LastTransferEnd">When the last of its transfers ended, by the server's account or ours.</param>
/// <param name="Files">Its transfers since it began, for rules that wait for its end; null when they were not kept.</param>
internal sealed record SessionSnapshot(SessionRecord Record, DateTimeOffset LastTransferEnd, ImmutableList<SessionFile>? Files);

/// <summary>
/// One session, from login or first sight to its end: what its events make of it. Pure: the same steps give the same state.
/// </summary>
internal sealed class Session
{
    /// <summary>Most files that a session's end tells; later ones are in the session's totals only. Bounds memory and the size of a delivery.</summary>
    public const int MostFiles = 10_000;

    private readonly SessionRecord _record;
    private readonly SessionCount _count;
    private ImmutableList<SessionFile>? _files;

    private Session(SessionSnapshot state)
    {
        _record = state.Record with { };
        _count = new SessionCount(_record, state.LastTransferEnd);
        _files = state.Files;
    }

    /// <summary>What a session is before its first event is applied.</summary>
    public static SessionRecord RecordOf(StoredEvent first, string id, SessionKey key)
    {
        var e = first.Event;
        return new SessionRecord
        {
            Id = id,
            Key = key,
            OpenedAt = e.ReceivedAt,
            LastAt = e.ReceivedAt,
            Began = e.Kind == EventKind.Login ? SessionBegan.Login : SessionBegan.Seen,
            Certainty = key.ServerSession.Length > 0 ? SessionCertainty.Exact : SessionCertainty.Likely,
            User = key.User.Length > 0 ? key.User : e.User,
            RemoteHost = e.RemoteHost,
        };
    }

    /// <summary>What a session is after its steps of one journal row.</summary>
    /// <param name="before">What it was; null before the first step, which begins it.</param>
    /// <param name="steps">Its steps, in order.</param>
    /// <param name="keepFiles">Rules wait for the ends of sessions now.</param>
    public static SessionSnapshot Do(SessionSnapshot? before, IReadOnlyList<SessionStep> steps, bool keepFiles)
    {
        var session = before is null ? null : new Session(before);
        foreach (var step in steps)
        {
            if (step is SessionStep.Begin begin)
                session = new Session(new SessionSnapshot(RecordOf(begin.First, begin.Id, begin.Key), default, keepFiles ? [] : null));
            else
                (session ?? throw new InvalidOperationException("The first step of a session begins it.")).Do(step, keepFiles);
        }
        return session is null ? throw new InvalidOperationException("A session is begun by a step.") : new SessionSnapshot(session._record, session._count.LastTransferEnd, session._files);
    }

    private void Do(SessionStep step, bool keepFiles)
    {
        switch (step)
        {
            case SessionStep.Apply(var stored):
                _count.Count(stored.Event);
                Keep(stored.Event, keepFiles);
                break;
            case SessionStep.Doubt:
                _record.Certainty = SessionCertainty.Ambiguous;
                break;
            case SessionStep.End(var at, var how):
                _count.Close(at, how);
                break;
        }
    }

    private void Keep(FtpEvent e, bool keepFiles)
    {
        if (e.Kind is not (EventKind.Upload or EventKind.Download))
            return;
        // Files that nobody waited for are not kept; should a rule begin to wait meanwhile, they are read from the history.
        if (!keepFiles)
            _files = null;
        else if (_files is { Count: < MostFiles })
            _files = SessionFile.Add(_files, e);
    }
}
