using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace FtpActors.Ingest.Spooling;

/// <summary>What a spool gives to the shipper, and how its rows leave when all handlers have them.</summary>
internal sealed partial class SpoolActor
{
    private const int MostEventsAtOnce = 4096;
    // A snapshot costs a write; rows that are shipped may stay so long.
    private static readonly TimeSpan BetweenSnapshots = TimeSpan.FromSeconds(5);

    private readonly RecentRows _recent = new();
    private (IActorRef To, AskRows Ask)? _asked;
    private DateTimeOffset _snapshotAt;
    private long _snapshotRow;
    private long _shippedAtSnapshot;
    private long _shippedBefore;
    private long _shippedRow;
    private long _shippedSeq;
    // Rows whose quarantine is not in its file yet: no snapshot may stand for them.
    private readonly HashSet<long> _unkept = [];

    private bool OnShippingCommand(object message)
    {
        switch (message)
        {
            case AskRows ask:
                _asked = (Sender, ask with { After = ask.After ?? _shippedRow });
                if (ask.Wait > TimeSpan.Zero)
                    Timers.StartSingleTimer(WaitIsOver.Instance, WaitIsOver.Instance, ask.Wait);
                Answer(isOver: ask.Wait <= TimeSpan.Zero);
                return true;
            case WaitIsOver:
                Answer(isOver: true);
                return true;
            case RowsShipped shipped:
                Shipped(shipped);
                return true;
            case AskSpool:
                Sender.Tell(new SpoolStatus(_state.Spool, _state.LastSeq, _shippedSeq, _recent.OldestReceived, _damaged));
                return true;
            case QuarantineKept kept:
                _unkept.Remove(kept.Row);
                return true;
            case QuarantineNotKept failed:
                _log.Warning("Messages that could not be decoded are not in the quarantine yet, tried again: {0}", failed.Reason.Message);
                Timers.StartSingleTimer(failed.Row, new KeepQuarantine(failed.Row, failed.Batch), TimeSpan.FromSeconds(1));
                return true;
            case KeepQuarantine keep:
                Keep(keep.Row, keep.Batch);
                return true;
            case SaveSnapshotSuccess saved:
                // The one before it stays, should the new one not be readable; and what was shipped since then, which is shipped again after a restart from it.
                DeleteSnapshots(new SnapshotSelectionCriteria(_snapshotRow - 1));
                DeleteMessages(_shippedBefore);
                (_snapshotRow, _shippedBefore) = (saved.Metadata.SequenceNr, _shippedAtSnapshot);
                return true;
            case SaveSnapshotFailure failed:
                _log.Warning("Shipped rows stay in the spool for now, because its snapshot was not saved: {0}", failed.Cause.Message);
                return true;
            case DeleteSnapshotsSuccess or DeleteMessagesSuccess or DeleteSnapshotSuccess:
                return true;
            case DeleteSnapshotsFailure failed:
                _log.Warning("Old snapshots of the spool were not deleted: {0}", failed.Cause.Message);
                return true;
            case DeleteMessagesFailure failed:
                _log.Warning("Shipped rows of the spool were not deleted: {0}", failed.Cause.Message);
                return true;
            default:
                return false;
        }
    }

    private void Remember(BatchSpooled row)
    {
        if (_row > _shippedRow)
            _recent.Add(_row, row);
        if (row.Quarantined.Count > 0 || row.Released.Count > 0)
            Keep(_row, row);
    }

    private void Keep(long row, BatchSpooled batch)
    {
        _unkept.Add(row);
        _context.Quarantine.KeepAsync(batch.Quarantined, batch.Released)
            .PipeTo(Self, success: () => new QuarantineKept(row), failure: e => new QuarantineNotKept(row, batch, e));
    }

    private void Answer(bool isOver = false)
    {
        if (_asked is not { } asked)
            return;
        var after = asked.Ask.After!.Value;
        if (after >= _row && !isOver)
            return;
        _asked = null;
        Timers.Cancel(WaitIsOver.Instance);
        var isBehind = after < _row && (_recent.First is not { } first || after + 1 < first);
        var rows = isBehind ? [] : _recent.After(after, MostEventsAtOnce);
        asked.To.Tell(new NextRows(_state.Spool, after, rows, after + rows.Count >= _row, isBehind ? (_recent.First ?? _row + 1) - 1 : null));
    }

    private void Shipped(RowsShipped shipped)
    {
        if (shipped.Row <= _shippedRow)
            return;
        (_shippedRow, _shippedSeq) = (shipped.Row, shipped.Seq);
        _recent.Forget(_shippedRow);
        SnapshotIfDue();
    }

    // Between two writes: what the spool knows is then what its rows say.
    private void SnapshotIfDue()
    {
        var now = Context.System.Scheduler.Now;
        if (_shippedRow <= _snapshotRow || now - _snapshotAt < BetweenSnapshots || _isWriting || _unkept.Count > 0)
            return;
        _snapshotAt = now;
        _shippedAtSnapshot = _shippedRow;
        SaveSnapshot(_state.Snapshot(_shippedRow, _shippedSeq));
    }

    private sealed record WaitIsOver : INoSerializationVerificationNeeded
    {
        public static WaitIsOver Instance { get; } = new();
    }

    private sealed record QuarantineKept(long Row) : INoSerializationVerificationNeeded;

    private sealed record QuarantineNotKept(long Row, BatchSpooled Batch, Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record KeepQuarantine(long Row, BatchSpooled Batch) : INoSerializationVerificationNeeded;
}
