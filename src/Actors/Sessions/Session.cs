using System.Collections.Immutable;
using System.Globalization;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
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
    private DateTimeOffset _lastTransferEnd;
    private ImmutableList<SessionFile>? _files;

    /// <summary>Goes on from a state.</summary>
    public Session(SessionSnapshot state) => (_record, _lastTransferEnd, _files) = (state.Record with { }, state.LastTransferEnd, state.Files);

    private Session(SessionRecord record) => _record = record;

    /// <summary>As it is now.</summary>
    public SessionSnapshot State => new(_record with { }, _lastTransferEnd, _files);

    /// <summary>What a session is before its first event is applied.</summary>
    public static SessionRecord RecordOf(StoredEvent first, SessionKey key)
    {
        var e = first.Event;
        return new SessionRecord
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{first.Spool}-{first.Seq}"),
            Key = key,
            OpenedAt = e.ReceivedAt,
            LastAt = e.ReceivedAt,
            Began = e.Kind == EventKind.Login ? SessionBegan.Login : SessionBegan.Seen,
            Certainty = key.ServerSession.Length > 0 ? SessionCertainty.Exact : SessionCertainty.Likely,
            User = e.User,
            RemoteHost = e.RemoteHost,
        };
    }

    /// <summary>Does its steps of one journal row; a session that has none yet is begun by the first.</summary>
    /// <param name="session">The session, null before its first step.</param>
    /// <param name="steps">Its steps, in order.</param>
    /// <param name="keepFiles">Rules wait for the ends of sessions now.</param>
    public static Session Do(Session? session, IReadOnlyList<SessionStep> steps, bool keepFiles)
    {
        foreach (var step in steps)
        {
            if (step is SessionStep.Begin begin)
                session = new Session(RecordOf(begin.First, begin.Key)) { _files = keepFiles ? [] : null };
            else
                (session ?? throw new InvalidOperationException("The first step of a session begins it.")).Do(step, keepFiles);
        }
        return session ?? throw new InvalidOperationException("A session is begun by a step.");
    }

    private void Do(SessionStep step, bool keepFiles)
    {
        switch (step)
        {
            case SessionStep.Apply(var stored):
                Count(stored.Event);
                Keep(stored.Event, keepFiles);
                break;
            case SessionStep.Doubt:
                _record.Certainty = SessionCertainty.Ambiguous;
                break;
            case SessionStep.End(var at, var how):
                Close(at, how);
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

    private void Count(FtpEvent e)
    {
        var r = _record;
        var heardAt = r.LastAt;
        if (e.ReceivedAt > r.LastAt)
            r.LastAt = e.ReceivedAt;
        r.Email ??= e.Email;
        if (r.User.Length == 0)
            r.User = e.User;
        if (r.RemoteHost.Length == 0)
            r.RemoteHost = e.RemoteHost;

        switch (e.Kind)
        {
            case EventKind.Login:
                break;
            case EventKind.Logout:
                // Where the source knows how: a session that was killed did not log out.
                Close(e.ReceivedAt, e.Status is EventStatus.Aborted or EventStatus.Incomplete ? SessionEnded.Lost : SessionEnded.Logout);
                break;
            case EventKind.Progress:
                ShowProgress(e, heardAt);
                break;
            case EventKind.Upload:
            case EventKind.Download:
                CountTransfer(e);
                break;
            default:
                CountOperation(e);
                break;
        }
        SessionDetails.Take(r, e);
    }

    private void Close(DateTimeOffset at, SessionEnded how)
    {
        _record.ClosedAt = at;
        _record.Ended = how;
        _record.State = SessionState.Closed;
        _record.BytesNow = 0;
        SessionDetails.Forget(_record);
    }

    private void CountTransfer(FtpEvent e)
    {
        var r = _record;
        if (e.PathFrom is { } temporary)
        {
            // It was counted under its temporary name.
            r.Path = r.Path == temporary ? e.Path : r.Path;
            return;
        }
        var up = e.Kind == EventKind.Upload;
        var bytes = Math.Max(0, e.Bytes ?? 0);
        if (up)
            r.BytesUp = Sum(r.BytesUp, bytes);
        else
            r.BytesDown = Sum(r.BytesDown, bytes);

        if (IsFailure(e.Status))
            r.Failures++;
        else if (up)
            r.Uploads++;
        else
            r.Downloads++;

        r.State = SessionState.Idle;
        r.BytesNow = 0;
        // The last transfer is the one that ended last, also when its message came earlier.
        var end = e.EndedAt ?? e.ReceivedAt;
        if (end >= _lastTransferEnd)
        {
            _lastTransferEnd = end;
            r.Path = e.Path;
            r.Rate = e.Seconds is > 0 ? bytes / e.Seconds.Value : 0;
        }
    }

    private void ShowProgress(FtpEvent e, DateTimeOffset heardAt)
    {
        var r = _record;
        var state = e.Type switch { "upload" => SessionState.Uploading, "download" => SessionState.Downloading, _ => SessionState.Idle };
        var bytes = Math.Max(0, e.Bytes ?? 0);
        var seconds = (e.ReceivedAt - heardAt).TotalSeconds;
        // The way since the last look at the same transfer; nothing else is heard of a session while it transfers.
        var goesOn = state != SessionState.Idle && r.State == state && r.Path == e.Path && bytes >= r.BytesNow && seconds > 0;
        r.Rate = goesOn ? (bytes - r.BytesNow) / seconds : 0;
        r.State = state;
        r.BytesNow = state == SessionState.Idle ? 0 : bytes;
        r.Path = e.Path ?? r.Path;
    }

    private void CountOperation(FtpEvent e)
    {
        var r = _record;
        if (IsFailure(e.Status))
            r.Failures++;
        else if (e.Kind is EventKind.Delete or EventKind.Rmdir)
            r.Deletes++;
        else if (e.Kind == EventKind.Mkdir)
            r.Mkdirs++;
        else if (e.Kind == EventKind.Rename)
            r.Renames++;
        else
            r.Other++;
    }

    private static bool IsFailure(EventStatus status) => status is not (EventStatus.Ok or EventStatus.Unknown);

    // Figures are a stranger's: a sum that does not fit stays at the largest number instead of becoming negative.
    private static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}
