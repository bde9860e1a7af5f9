using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>What events make of a session's record: pure, in place.</summary>
/// <param name="record">The record.</param>
/// <param name="lastTransferEnd">When the last of its transfers ended, by the server's account or ours.</param>
internal sealed class SessionCount(SessionRecord record, DateTimeOffset lastTransferEnd = default)
{
    /// <summary>When the last of its transfers ended, by the server's account or ours.</summary>
    public DateTimeOffset LastTransferEnd { get; private set; } = lastTransferEnd;

    /// <summary>Counts an event of this session.</summary>
    public void Count(FtpEvent e)
    {
        var r = record;
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

    /// <summary>Ends the session.</summary>
    public void Close(DateTimeOffset at, SessionEnded how)
    {
        record.ClosedAt = at;
        record.Ended = how;
        record.State = SessionState.Closed;
        record.BytesNow = 0;
        SessionDetails.Forget(record);
    }

    private void CountTransfer(FtpEvent e)
    {
        var r = record;
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
        if (end >= LastTransferEnd)
        {
            LastTransferEnd = end;
            r.Path = e.Path;
            r.Rate = e.Seconds is > 0 ? bytes / e.Seconds.Value : 0;
        }
    }

    private void ShowProgress(FtpEvent e, DateTimeOffset heardAt)
    {
        var r = record;
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
        var r = record;
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
