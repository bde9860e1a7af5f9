using System.Globalization;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Makes one stream of events per session of what the three inputs of a server say: each login, transfer and logout once, in order. Pure: the clock is in
/// the input. Its memory can be stored and given to the next one.
/// <para>The server's order: the line of the alternative log, the record of the pipe, the reply to the client, "idle" in the scoreboard; at the end the file goes.</para>
/// </summary>
internal sealed class SessionTracker
{
    /// <summary>Between a record and "idle" lie microseconds; a transfer of the same name after this time is the next one.</summary>
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMilliseconds(200);

    private readonly TrackerOptions _options;
    private readonly Dictionary<string, TrackedSession> _sessions = new(StringComparer.Ordinal);
    private readonly PendingTransfers _pending;
    private readonly List<FtpEvent> _events = [];
    private bool _isNew;

    /// <summary>Goes on where the memory was made; null for a source that never looked.</summary>
    public SessionTracker(TrackerOptions options, TrackerMemory? memory)
    {
        _options = options;
        _isNew = memory is not { HasLooked: true };
        foreach (var session in memory?.Sessions ?? [])
        {
            session.Transfer?.HasGap = true;
            _sessions[session.Id] = session;
        }
        _pending = new PendingTransfers(options, memory?.Pending ?? []);
    }

    /// <summary>Sessions whose account is not known yet.</summary>
    public bool IsLoginNear => _sessions.Values.Any(s => s.Account.Length == 0);

    /// <summary>Transfers wait for the other inputs.</summary>
    public bool IsWaiting => _pending.Any;

    /// <summary>As many transfers wait as should.</summary>
    public bool IsFull => _pending.IsFull;

    /// <summary>What the next tracker must know.</summary>
    public TrackerMemory Memory => new()
    {
        HasLooked = !_isNew, Pending = [.. _pending.All],
        // The position moves all the time, and the server still has it.
        Sessions = [.. _sessions.Values.Where(s => s.Account.Length > 0).Select(s => s.ToRemember())],
    };

    /// <summary>The events that follow, in order.</summary>
    public IReadOnlyList<FtpEvent> Step(TrackerInput input)
    {
        _events.Clear();
        if (input.Reading is { } reading)
        {
            Observe(reading, input.Now);
            _pending.LookAgain(_sessions.Values);
        }
        foreach (var line in input.Lines)
            _pending.Take(line, _sessions.Values);
        foreach (var record in input.Records)
        {
            _pending.Take(record, _sessions.Values);
            // Alone, a record waits for nothing; and what waits is searched through for each of the ten thousand records of a full pipe.
            if (_options is { HasScoreboard: false, HasAltlog: false })
                _pending.Tell(input.Now, input.IsLogBehind, _events);
        }
        _pending.Tell(input.Now, input.IsLogBehind, _events);
        foreach (var session in _sessions.Values.Where(s => s.IsOver && !input.IsLogBehind).ToList())
            End(session, input.Now);
        foreach (var session in _sessions.Values)
            TellProgress(session, input.Now);
        return [.. _events];
    }

    private void Observe(ScoreboardReading reading, DateTimeOffset now)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in reading.Ended)
            Observe(entry, isOver: true, now, seen);
        foreach (var entry in reading.Sessions)
            Observe(entry, isOver: false, now, seen);
        if (reading.Trouble is not null)
            return;
        _isNew = false;
        foreach (var session in _sessions.Values.Where(s => !s.IsOver && !seen.Contains(s.Id)))
        {
            // Without last words: it ended while nobody looked.
            session.IsOver = true;
            if (session.Transfer is { } transfer)
            {
                transfer.HasGap = true;
                EndTransfer(session, transfer, isFinal: false, now);
            }
        }
    }

    private void Observe(ScoreboardEntry e, bool isOver, DateTimeOffset now, HashSet<string> seen)
    {
        seen.Add(e.Session);
        if (!_sessions.TryGetValue(e.Session, out var session))
            _sessions[e.Session] = session = TrackedSession.Of(e);
        if (session.Account.Length == 0 && e.IsLoggedIn)
        {
            session.Account = e.Account;
            // Who was there before anybody looked may have logged in days ago: shown, but no login.
            var first = _isNew && !isOver ? EventOf(session, EventKind.Progress, now) with { Type = "idle" } : EventOf(session, EventKind.Login, now) with { Time = session.StartedAt };
            _events.Add(first with { Extra = e.Local is { } local ? [$"{SessionWords.Local}{local}"] : null });
        }
        ObserveTransfer(session, e, isOver, now);
        if (isOver)
            (session.IsOver, session.WasKilled) = (true, e.State != ScoreboardState.Free);
    }

    private void ObserveTransfer(TrackedSession session, ScoreboardEntry e, bool isOver, DateTimeOffset now)
    {
        // Of a transfer that begins the server writes the state first, then figures and time, and the name last: half of it is another transfer's.
        if (!isOver && e.State is ScoreboardState.Upload or ScoreboardState.Download && e.File.Length == 0)
            return;
        // A session that is over and still names a file was ended in the middle of it.
        var runs = e.State is ScoreboardState.Upload or ScoreboardState.Download || (isOver && e.File.Length > 0);
        var transfer = session.Transfer;
        if (transfer is not null && IsSame(transfer, e, runs, isOver, now))
        {
            transfer.Position = e.CurrentSize;
            transfer.HasGap &= !runs;
            if (runs && isOver)
                transfer.WasCutOff = transfer.ClaimedAt is null;
            if (!runs || isOver)
                EndTransfer(session, transfer, isFinal: true, now);
        }
        else
        {
            if (transfer is not null)
                EndTransfer(session, transfer, isFinal: false, now);
            if (runs)
            {
                session.Transfer = transfer = Transfer.Of(e);
                if (isOver)
                {
                    transfer.WasCutOff = true;
                    EndTransfer(session, transfer, isFinal: true, now);
                }
            }
            else if (TransferFigures.Of(e) != session.Last)
            {
                session.Unseen = Transfer.Of(e) with { HasEnded = true, IsFinal = true };
            }
        }
        if (!runs)
            session.Last = TransferFigures.Of(e);
    }

    private static bool IsSame(Transfer transfer, ScoreboardEntry e, bool runs, bool isOver, DateTimeOffset now) =>
        e.TransferStartedAt == transfer.StartedAt
            && (!runs || (e.File == transfer.File && (isOver || (e.State == ScoreboardState.Upload) == transfer.IsUpload)))
            && !(runs && !isOver && transfer.ClaimedAt is { } claimed && now - claimed > LongestEnd);

    private void EndTransfer(TrackedSession session, Transfer transfer, bool isFinal, DateTimeOffset now)
    {
        (transfer.HasEnded, transfer.IsFinal) = (true, isFinal);
        session.Transfer = null;
        if (transfer.ClaimedAt is null && session.Account.Length > 0)
            _pending.Add(session, transfer, now);
    }

    private void End(TrackedSession session, DateTimeOffset now)
    {
        _sessions.Remove(session.Id);
        _pending.TellOf(session.Id, _events);
        // A connection that nobody logged in on was no session.
        if (session.Account.Length > 0)
            _events.Add(EventOf(session, EventKind.Logout, now) with { Status = session.WasKilled == true ? EventStatus.Aborted : EventStatus.Unknown });
    }

    private void TellProgress(TrackedSession session, DateTimeOffset now)
    {
        // Not before it is seen again after a gap, and behind the transfer before it, which may still wait.
        if (session.Account.Length == 0 || session.Transfer is not { ClaimedAt: null, HasGap: false } transfer || _pending.HasAny(session.Id) || now - transfer.ToldAt < _options.Progress)
            return;
        transfer.ToldAt = now;
        _events.Add(EventOf(session, EventKind.Progress, now) with
        {
            Type = transfer.IsUpload ? "upload" : "download", Path = transfer.File, Bytes = transfer.Position, Time = transfer.StartedAt,
            Extra = WordsOf(transfer),
        });
    }

    // The size of a file that comes in is known when it is over.
    private static string[] WordsOf(Transfer transfer)
    {
        var restart = string.Create(CultureInfo.InvariantCulture, $"{SessionWords.Restart}{transfer.RestartAt}");
        return transfer.IsUpload ? [restart] : [restart, string.Create(CultureInfo.InvariantCulture, $"{SessionWords.Total}{transfer.Total}")];
    }

    private FtpEvent EventOf(TrackedSession session, EventKind kind, DateTimeOffset now) => new()
    {
        ReceivedAt = PureFtpdEvents.Microseconds(now), Kind = kind, Host = _options.Host, Source = _options.Source, Session = session.Id, User = session.Account,
        RemoteHost = session.Peer,
    };
}
