using FtpActors.Protocol;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Transfers that are over, each until all inputs that will speak of it have spoken, or its time is up. Joins record, line and scoreboard: one event, not three.
/// </summary>
internal sealed class PendingTransfers(TrackerOptions options, IEnumerable<PendingTransfer> earlier)
{
    /// <summary>Bounds the memory; beyond it the oldest is told with what is known, and no record is read while the log is behind.</summary>
    private const int Most = 4096;

    private readonly List<PendingTransfer> _all = [.. earlier];
    private bool _logSpeaks;

    public bool Any => _all.Count > 0;

    public bool IsFull => _all.Count >= Most;

    public IReadOnlyList<PendingTransfer> All => _all;

    public bool HasAny(string session) => _all.Exists(p => p.Session == session);

    /// <summary>A transfer that the scoreboard saw end.</summary>
    public void Add(TrackedSession session, Transfer transfer, DateTimeOffset now) => _all.Add(new PendingTransfer
    {
        IsUpload = transfer.IsUpload, At = now, Transfer = transfer, Session = session.Id, Account = session.Account, Peer = session.Peer,
    });

    /// <summary>The scoreboard may have been read just before the transfer that a record or a line told of: now it was read after it.</summary>
    public void LookAgain(IReadOnlyCollection<TrackedSession> sessions)
    {
        foreach (var pending in _all.Where(p => !p.HasLooked && p.Path is not null).ToList())
        {
            pending.HasLooked = true;
            if (pending.Transfer is not null)
                continue;
            var line = pending.Line?.Line;
            var clue = new TransferClue(pending.IsUpload, pending.Account, pending.Path!, pending.Size, line?.Bytes, line?.Host ?? "", line?.Session);
            var found = clue.Choose(_all, sessions);
            if (found.SessionId is null || found.IsAmbiguous || (line?.Session is { } id && id != found.SessionId))
                continue;
            if (found.Pending is { } same)
                _all.Remove(same);
            found.Transfer?.ClaimedAt = pending.At;
            (pending.Session, pending.Peer, pending.Transfer, pending.IsAmbiguous) = (found.SessionId, found.Peer, found.Transfer, false);
        }
    }

    /// <summary>A record of the pipe.</summary>
    public void Take(UploadNotice notice, IReadOnlyCollection<TrackedSession> sessions)
    {
        var (account, path) = (notice.Record.Account, notice.Record.Path);
        var pending = _all.Find(p => p.IsUpload && p.Record is null && p.Line is { Line: var line } && line.Path == path && line.Account == account)
            ?? Begin(new TransferClue(IsUpload: true, account, path, notice.Size, Bytes: null, Host: "", Session: null), notice.At, sessions);
        pending.Record = notice;
    }

    /// <summary>A line of the alternative log.</summary>
    public void Take(LineNotice notice, IReadOnlyCollection<TrackedSession> sessions)
    {
        _logSpeaks = true;
        var line = notice.Line;
        var pending = _all.Find(p => p.IsUpload && line.IsUpload && p.Line is null && p.Record is { Record: var record } && record.Path == line.Path && record.Account == line.Account)
            ?? Begin(new TransferClue(line.IsUpload, line.Account, line.Path, notice.Size, line.Bytes, line.Host, line.Session), notice.At, sessions);
        pending.Line = notice;
        // The stats format names the session itself.
        if (line.Session is { } id && pending.Session != id)
        {
            var named = sessions.FirstOrDefault(s => s.Id == id);
            (pending.Session, pending.IsAmbiguous, pending.Peer) = (id, false, named?.Peer ?? line.Host);
        }
    }

    /// <summary>
    /// Tells what is complete or has waited its time, oldest first. While the log is behind, its lines are still to come: what was told without one would be told again with it.
    /// </summary>
    public void Tell(DateTimeOffset now, bool isLogBehind, List<FtpEvent> events) =>
        Tell(p => !IsIncomplete(p) || now - p.At >= options.Hold || now < p.At, p => isLogBehind && p.Line is null, events);

    /// <summary>Tells all of a session that is over: nothing more can come.</summary>
    public void TellOf(string session, List<FtpEvent> events) => Tell(p => p.Session == session, _ => false, events);

    private void Tell(Predicate<PendingTransfer> isDue, Predicate<PendingTransfer> mustWait, List<FtpEvent> events)
    {
        var told = new HashSet<PendingTransfer>(ReferenceEqualityComparer.Instance);
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pending in _all)
        {
            // In the order of the session: what is due does not overtake what waits.
            var isNext = _all.Count - told.Count > Most || (isDue(pending) && (pending.Session is null || !waiting.Contains(pending.Session)));
            if (isNext && !mustWait(pending))
            {
                told.Add(pending);
                events.Add(TransferEvents.Of(pending, options, _logSpeaks));
            }
            else if (pending.Session is not null)
            {
                waiting.Add(pending.Session);
            }
        }
        _all.RemoveAll(told.Contains);
    }

    private bool IsIncomplete(PendingTransfer p) =>
        (options.HasPipe && p.IsUpload && p.Record is null) || (options.HasAltlog && p.Line is null) || p.Transfer is { HasEnded: false }
            || (options.HasScoreboard && p.Transfer is null && !p.HasLooked);

    private PendingTransfer Begin(TransferClue clue, DateTimeOffset at, IReadOnlyCollection<TrackedSession> sessions)
    {
        var found = clue.Choose(_all, sessions);
        if (found.Pending is { } waiting)
        {
            waiting.IsAmbiguous = found.IsAmbiguous;
            if (found.IsAmbiguous)
                (waiting.Session, waiting.Peer, waiting.Transfer) = (null, "", null);
            return waiting;
        }
        found.Transfer?.ClaimedAt = at;
        // What was taken of several is not looked for again.
        var pending = new PendingTransfer
        {
            IsUpload = clue.IsUpload, At = at, Account = clue.Account, IsAmbiguous = found.IsAmbiguous, HasLooked = found.IsAmbiguous && found.Transfer is not null,
        };
        if (!found.IsAmbiguous && found.Session is { } session)
            (pending.Session, pending.Peer, pending.Transfer) = (session.Id, session.Peer, found.Transfer);
        _all.Add(pending);
        return pending;
    }
}
