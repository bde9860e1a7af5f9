using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Spooling;

/// <summary>
/// The ingest node's durable backlog, in order of arrival. A batch of a source becomes one part of one row, with its bookmark and what of it went to quarantine; the
/// source is told when the row is durable, never before (promise 1). Rows that all handlers have are deleted.
/// </summary>
internal sealed partial class SpoolActor : UntypedPersistentActor, IWithTimers
{
    // With so many events in hand a write gathers no longer.
    private const int EnoughEvents = 64;

    private readonly SpoolContext _context;
    private readonly SpoolState _state;
    private readonly AppendBuffer _buffer = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IReadOnlyList<(IActorRef To, Appended Answer)> _writing = [];
    private bool _isWriting;
    private bool _isGathering;
    private DateTimeOffset _writtenAt;
    private long _row;
    private int _damaged;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public SpoolActor(SpoolContext context)
    {
        _context = context;
        _state = new SpoolState(context.TemporaryNames);
        JournalPluginId = SpoolContext.JournalPlugin;
        SnapshotPluginId = SpoolContext.SnapshotPlugin;
    }

    /// <inheritdoc/>
    public override string PersistenceId => SpoolContext.PersistenceId;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Of a node's spool. One that fails (a full disk) begins anew from its journal after a pause; who asks it meanwhile is refused.</summary>
    public static Props Props(SpoolContext context) => BackoffSupervisor.Props(
        Akka.Pattern.Backoff.OnStop(Akka.Actor.Props.Create<SpoolActor>(context), "spool", TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5), 0.2, maxNrOfRetries: -1)
            .WithSupervisorStrategy(new OneForOneStrategy(_ => Directive.Stop))
            .WithReplyWhileStopped(new NotAppended("The spool begins anew after a failure; its log line says why.")));

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: SpoolSnapshot snapshot } offer:
                _row = _snapshotRow = offer.Metadata.SequenceNr;
                _state.Restore(snapshot);
                (_shippedRow, _shippedSeq) = (snapshot.ShippedRow, snapshot.ShippedSeq);
                break;
            case SnapshotOffer { Snapshot: DamagedSpoolRow damaged } offer:
                PutAside($"the snapshot at row {offer.Metadata.SequenceNr}", damaged);
                // Away with it: the next one begins with the one before, whose rows are still there.
                DeleteSnapshot(offer.Metadata.SequenceNr);
                throw new InvalidOperationException($"The snapshot of the spool at row {offer.Metadata.SequenceNr} cannot be read, the one before it is used: {damaged.Reason}.");
            case BatchSpooled row:
                Reach(LastSequenceNr);
                _state.Recover(row);
                Remember(row);
                break;
            case DamagedSpoolRow damaged:
                Reach(LastSequenceNr);
                _damaged++;
                PutAside($"row {_row}", damaged);
                _log.Error("Row {0} of the spool cannot be read, so what it held is missing: {1}. 'ftpactors journal check' says more.", _row, damaged.Reason);
                Remember(BatchSpooled.Nothing(_state.Spool, _state.LastSeq + 1));
                break;
            case RecoveryCompleted:
                _row = LastSequenceNr;
                if (_state.Spool.Length == 0)
                    Begin();
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Append append:
                _buffer.Add(append, Sender);
                WriteIfDue(isGathered: false);
                break;
            case Release release:
                _buffer.Add(release, Sender);
                WriteIfDue(isGathered: false);
                break;
            case SkipSeqs skip:
                _log.Warning("Handlers have events up to {0} of this spool, which itself ends at {1}: it goes on behind them", skip.UpTo, _state.LastSeq);
                _damaged++;
                var sender = Sender;
                Persist(BatchSpooled.Nothing(_state.Spool, skip.UpTo + 1), row =>
                {
                    Written(row);
                    sender.Tell(new Appended(skip.UpTo + 1));
                });
                break;
            case WriteRow:
                _isGathering = false;
                WriteIfDue(isGathered: true);
                break;
            case AskBookmark ask:
                Sender.Tell(new BookmarkRead(_state.BookmarkOf(ask.Source)));
                break;
            default:
                if (!OnShippingCommand(message))
                    Unhandled(message);
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
        Refuse(cause);
        // A page that only writing meets: to begin anew leads to it again.
        if (Unreadable(cause) is { IsColumn: false } unreadable)
            Context.System.EventStream.Publish(unreadable);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Refuse(cause);
        // What this actor remembers of the row is not in the journal: the next one begins with what is.
        throw new InvalidOperationException("The spool's journal rejected a row.", cause);
    }

    private JournalUnreadable? Unreadable(Exception reason) => JournalUnreadable.Of(PersistenceId, reason, e => (e as SqliteException)?.SqliteErrorCode);

    private void Reach(long row)
    {
        if (row > _row + 1)
        {
            _damaged += (int)(row - _row - 1);
            _log.Error("Rows {0} to {1} of the spool are not there, so what they held is missing. 'ftpactors journal check' says more.", _row + 1, row - 1);
            // Those that wait to be shipped follow each other without gaps.
            while (_row > 0 && _row < row - 1)
            {
                _row++;
                Remember(BatchSpooled.Nothing(_state.Spool, _state.LastSeq + 1));
            }
        }
        _row = row;
    }

    private static void PutAside(string place, DamagedSpoolRow damaged) =>
        Context.System.EventStream.Publish(new PutAside(Protocol.Stored.PutAside.Spool, $"{place} of the spool", damaged.Reason, damaged.Bytes));

    private void Begin() => Persist(
        BatchSpooled.Nothing(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), 1), Written);

    private void WriteIfDue(bool isGathered)
    {
        if (_isWriting || _buffer.IsEmpty)
            return;
        // One that comes alone does not wait.
        var wait = _writtenAt + _context.Gather - Context.System.Scheduler.Now;
        if (!isGathered && wait > TimeSpan.Zero && _buffer.Count < EnoughEvents)
        {
            Gather(wait);
            return;
        }
        _isWriting = true;
        PersistAsync(_buffer.Take(_state, out _writing), Written);
    }

    // Not by the scheduler of actors, whose ticks are five times as long as the wait.
    private void Gather(TimeSpan wait)
    {
        if (_isGathering)
            return;
        _isGathering = true;
        Task.Delay(wait).PipeTo(Self, success: () => WriteRow.Instance);
    }

    private void Written(BatchSpooled row)
    {
        _row++;
        _isWriting = false;
        _writtenAt = Context.System.Scheduler.Now;
        _state.Apply(row);
        foreach (var (to, answer) in _writing)
            to.Tell(answer);
        _writing = [];
        Remember(row);
        Answer();
        SnapshotIfDue();
        WriteIfDue(isGathered: false);
    }

    private void Refuse(Exception cause)
    {
        var answer = new NotAppended(SpoolTrouble.Describe(cause));
        foreach (var (to, _) in _writing)
            to.Tell(answer);
        _buffer.Refuse(answer);
    }

    private sealed record WriteRow : INoSerializationVerificationNeeded
    {
        public static WriteRow Instance { get; } = new();
    }
}
