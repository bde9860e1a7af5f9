using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FtpActors.Actors.Deliveries;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Handlers;

/// <summary>What keeps a handler going: recovery, snapshots, retention of its rows, the end.</summary>
internal sealed partial class HandlerActor
{
    // A recovery applies some hundred thousand events a second; so many are read in less than half a second.
    private const int EventsBetweenSnapshots = 100_000;

    // Sessions whose row was not planned when the handler ended: they are planned now.
    private readonly Queue<PendingRow> _unplanned = new();
    private int _eventsSinceSnapshot;
    private bool _wantsSnapshot;
    private long _snapshotRow;
    private long _snapshotBefore;
    private (IActorRef To, bool IsTold)? _quiet;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // A session that fails is not what its events say any more: the handler begins anew from its journal.
        new OneForOneStrategy(_ => Directive.Escalate);

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: HandlerSnapshot snapshot } offer:
                _row = _snapshotRow = offer.Metadata.SequenceNr;
                _state.Restore(snapshot);
                if (_historyStands > 0)
                    Miss(_row - _historyStands, "the history lacks them, and no snapshot is left from before");
                foreach (var session in snapshot.Sessions)
                    _recovering!.Restore(session);
                break;
            case SnapshotOffer { Snapshot: DamagedRow damaged } offer:
                // Persistence ends an actor whose recovery fails without a word to its parent, which must know why.
                PutAside($"the snapshot of handler {_handler} at row {offer.Metadata.SequenceNr}", damaged);
                Context.Parent.Tell(new SnapshotIsDamaged(_handler, offer.Metadata.SequenceNr, damaged.Reason));
                throw new InvalidOperationException($"The snapshot of handler {_handler} at row {offer.Metadata.SequenceNr} cannot be read: {damaged.Reason}.");
            case HandlerFact fact:
                Reach(LastSequenceNr);
                Recover(fact);
                break;
            case RecoveryCompleted:
                _row = LastSequenceNr;
                Recovered();
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        if (Unreadable(reason) is { } unreadable)
            Context.System.EventStream.Publish(unreadable);
        base.OnRecoveryFailure(reason, message);
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // A page that only writing meets: to begin anew leads to it again.
        if (Unreadable(cause) is { IsColumn: false } unreadable)
            Context.System.EventStream.Publish(unreadable);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        // What this actor thinks of the row is not in the journal: the next one begins with what is.
        throw new InvalidOperationException($"The journal of handler {_handler} rejected a row.", cause);

    private JournalUnreadable? Unreadable(Exception reason) => JournalUnreadable.Of(PersistenceId, reason, e => (e as SqliteException)?.SqliteErrorCode);

    private void Recover(HandlerFact fact)
    {
        switch (fact)
        {
            case EventsTaken taken:
                var work = _state.Apply(_row, taken);
                var row = new PendingRow(work, taken);
                foreach (var outcome in _recovering!.Do(work, AwaitsEnds))
                    row.Add(outcome);
                _unplanned.Enqueue(row);
                _eventsSinceSnapshot += row.Events;
                Tell(() => HistoryItems.Of(_handler, work, taken, row.Outcomes.Values), taken);
                break;
            case DeliveriesPlanned planned:
                var owed = _state.Deliveries.Apply(planned);
                Tell(() => HistoryItems.Of(_handler, _row, owed));
                _state.Note(planned);
                break;
            case DeliveryTried tried:
                var changed = _state.Deliveries.Apply(tried);
                Tell(() => HistoryItems.Of(_handler, _row, changed, tried));
                break;
            case DeliveriesOrdered ordered:
                var done = _state.Deliveries.Apply(ordered);
                Tell(() => HistoryItems.Of(_handler, _row, done));
                break;
            case DamagedRow damaged:
                _state.NoteDamaged(1);
                PutAside($"row {_row} of handler {_handler}", damaged);
                _log.Error("Row {0} of handler {1} cannot be read, so what it held is missing: {2}. 'ftpactors journal check' says more.", _row, _handler, damaged.Reason);
                break;
        }
        while (_unplanned.TryPeek(out var oldest) && oldest.Work.Row <= Math.Max(_state.PlannedUpTo, _historyStands))
            _unplanned.Dequeue();
    }

    private void Recovered()
    {
        if (_historyStands > LastSequenceNr)
        {
            Context.Parent.Tell(new HistoryIsAhead(_handler, LastSequenceNr, _historyStands));
            throw new InvalidOperationException($"The history has {_historyStands} rows of handler {_handler}, its journal only {LastSequenceNr}.");
        }
        if (_lost > 0)
        {
            // Kept with the next snapshot: another start finds no trace of it.
            _state.NoteDamaged(_lost);
            _wantsSnapshot = true;
        }
        foreach (var session in _recovering!.Open)
            _sessions.Restore(session);
        _recovering = null;
        // With the rules as they are now: those of then did not come so far as to say anything.
        foreach (var row in _unplanned)
        {
            var owed = Planner.Plan(_context.Book.Rules, row.Work, row.Outcomes, NoFiles);
            if (owed.Count > 0)
                Store(new DeliveriesPlanned(row.Work.Row, _context.Time.GetUtcNow(), owed));
            else
                _state.NotePlanned(row.Work.Row);
        }
        _unplanned.Clear();
        Look();
        if (_wantsSnapshot)
            Calm();
        Context.Parent.Tell(HandlerRecovered.Instance);
    }

    private void Reach(long row)
    {
        if (row > _row + 1)
        {
            if (_row == 0 && _mayGoBack)
            {
                Context.Parent.Tell(new HistoryIsBehind(_handler));
                throw new InvalidOperationException($"The history of handler {_handler} ends before every snapshot, and the rows since are gone.");
            }
            Miss(row - _row - 1, "they are not in the journal");
        }
        _row = row;
    }

    private void Miss(long rows, string why)
    {
        if (rows <= 0)
            return;
        _state.NoteDamaged(rows);
        _log.Error("{0} rows of handler {1} up to row {2} are missing: {3}. 'ftpactors journal check' says more.", rows, _handler, LastSequenceNr, why);
    }

    private static void PutAside(string place, DamagedRow damaged) =>
        Context.System.EventStream.Publish(new PutAside(Protocol.Stored.PutAside.Journal, place, damaged.Reason, damaged.Bytes));

    // What the history has already is not told again, nor made.
    private void Tell(Func<History.HistoryItem> make, EventsTaken? taken = null)
    {
        if (_row <= _historyStands)
            return;
        _outbox.Expect(_row, taken);
        _outbox.Add(make());
    }

    private bool OnKeepingCommand(object message)
    {
        switch (message)
        {
            case SaveSnapshotSuccess saved:
                // The one before it stays, with all rows since: should the new one not be readable, it is not needed to begin at the first row.
                DeleteSnapshots(new SnapshotSelectionCriteria(_snapshotRow - 1));
                (_snapshotBefore, _snapshotRow) = (_snapshotRow, saved.Metadata.SequenceNr);
                return true;
            case SaveSnapshotFailure failed:
                _log.Warning("A snapshot of handler {0} was not saved; a start takes longer until the next one: {1}", _handler, failed.Cause.Message);
                return true;
            case DeleteSnapshotsSuccess or DeleteMessagesSuccess:
                return true;
            case DeleteSnapshotsFailure failed:
                _log.Warning("Old snapshots of handler {0} were not deleted: {1}", _handler, failed.Cause.Message);
                return true;
            case DeleteMessagesFailure failed:
                _log.Warning("Old rows of handler {0} were not deleted: {1}", _handler, failed.Cause.Message);
                return true;
            case DropRows drop:
                var upTo = Math.Min(drop.UpTo, _snapshotBefore);
                if (upTo > 0)
                    DeleteMessages(upTo);
                Sender.Tell(new RowsDropped(upTo));
                return true;
            case FilesNotRead failed:
                _log.Warning("The files of sessions that ended cannot be read, tried again: {0}", failed.Reason.Message);
                Timers.StartSingleTimer(ReadAgain.Instance, ReadAgain.Instance, TimeSpan.FromSeconds(1));
                return true;
            case ReadAgain:
                _isReadingFiles = false;
                Finish();
                return true;
            case QuietHandler:
                _quiet = (Sender, false);
                _runs.IsQuiet = true;
                Timers.StartSingleTimer(GraceIsOver.Instance, GraceIsOver.Instance, _context.Deliveries.Grace);
                TellQuiet();
                return true;
            case GraceIsOver:
                TellQuiet(isOver: true);
                return true;
            default:
                return false;
        }
    }

    // Called whenever something came to its end: a snapshot is taken when nothing is outstanding, so that it and the history agree.
    private void Calm()
    {
        _wantsSnapshot |= _eventsSinceSnapshot >= EventsBetweenSnapshots;
        if (_wantsSnapshot && !_isWriting && _pending.Count == 0 && _outbox.IsEmpty && _row == LastSequenceNr)
        {
            _wantsSnapshot = false;
            _eventsSinceSnapshot = 0;
            SaveSnapshot(_state.Snapshot(_sessions.Snapshots));
            WriteIfDue(isGathered: false);
            Look();
        }
        TellQuiet();
    }

    private void TellQuiet(bool isOver = false)
    {
        if (_quiet is not { IsTold: false } quiet)
            return;
        var isIdle = _taking.IsEmpty && !_isWriting && _pending.Count == 0 && _runs.Count == 0 && _outbox.IsEmpty;
        if (!isIdle && !isOver)
            return;
        _quiet = quiet with { IsTold = true };
        quiet.To.Tell(new HandlerQuiet(_handler, _runs.Count));
    }

    private sealed record ReadAgain : INoSerializationVerificationNeeded
    {
        public static ReadAgain Instance { get; } = new();
    }

    private sealed record GraceIsOver : INoSerializationVerificationNeeded
    {
        public static GraceIsOver Instance { get; } = new();
    }
}
