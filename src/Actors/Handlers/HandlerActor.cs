using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// The owner of a slice of all sessions. It makes events durable, row by row, tells each session what the row means for it, plans what the rules owe when the sessions
/// have answered, and hands everything to the history. What it knows is a function of its journal (<see cref="HandlerState"/>).
/// </summary>
internal sealed partial class HandlerActor : UntypedPersistentActor, IWithTimers
{
    private readonly HandlerContext _context;
    private readonly int _handler;
    private readonly long _snapshotsUpTo;
    private readonly bool _mayGoBack;
    private readonly long _lost;
    private readonly HandlerState _state;
    private readonly PendingRows _pending = new();
    private readonly HistoryOutbox _outbox;
    private readonly DeliveryRuns _runs;
    private readonly OpenSessionActors _sessions;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly long _historyStands;
    // Null when it has recovered.
    private RecoveringSessions? _recovering = new();
    private long _row;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HandlerActor(HandlerContext context, int handler, long historyStands, long snapshotsUpTo, bool mayGoBack, long lost)
    {
        (_context, _handler, _historyStands, _snapshotsUpTo, _mayGoBack, _lost) = (context, handler, historyStands, snapshotsUpTo, mayGoBack, lost);
        PersistenceId = HandlerContext.PersistenceIdOf(handler);
        JournalPluginId = context.Servers.JournalPluginOf(handler);
        SnapshotPluginId = context.Servers.SnapshotPluginOf(handler);
        _state = new HandlerState(handler, context.Handlers, context.Options);
        var self = Self;
        _outbox = new HistoryOutbox(item => _ = context.Writer.OfferAsync(item, self));
        _runs = new DeliveryRuns(context, handler, _state.Deliveries, Context);
        _sessions = new OpenSessionActors(Context);
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    public override Recovery Recovery => new(new SnapshotSelectionCriteria(_snapshotsUpTo));

    private bool AwaitsEnds => _context.Book.Rules.Awaits(TriggerKind.SessionEnd);

    /// <summary>Of one handler.</summary>
    /// <param name="context">What the handlers of the node share.</param>
    /// <param name="handler">Its number.</param>
    /// <param name="historyStands">The last of its rows that the history has.</param>
    /// <param name="snapshotsUpTo">Snapshots of later rows cannot be read, or would pass over what the history lacks.</param>
    /// <param name="mayGoBack">Tells its parent (<see cref="HistoryIsBehind"/>) when there is no snapshot so old, and the first rows are gone.</param>
    /// <param name="lost">Rows at the journal's end that the history has and the journal has not.</param>
    public static Props Props(HandlerContext context, int handler, long historyStands, long snapshotsUpTo = long.MaxValue, bool mayGoBack = false, long lost = 0) =>
        Akka.Actor.Props.Create<HandlerActor>(context, handler, historyStands, snapshotsUpTo, mayGoBack, lost);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        base.PreStart();
        var self = Self;
        _look = () => self.Tell(LookAtDeliveries.Instance);
        _context.Slots.Freed += _look;
        _context.Book.Changed += _look;
        _context.Hosts.Changed += _look;
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _context.Slots.Freed -= _look;
        _context.Book.Changed -= _look;
        _context.Hosts.Changed -= _look;
        _runs.Abandon();
        base.PostStop();
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case TakeEvents take:
                Take(take);
                break;
            case WriteRow:
                _isGathering = false;
                WriteIfDue(isGathered: true);
                break;
            case SessionOutcome outcome:
                _pending.Add(outcome);
                Finish();
                break;
            case FilesRead files:
                (_files, _isReadingFiles) = (files.Files, false);
                Finish();
                break;
            case HistoryWritten:
                _outbox.Written();
                Finish();
                WriteIfDue(isGathered: false);
                break;
            case AskPosition ask:
                Sender.Tell(new EventsStand(_handler, ask.Spool, _state.SeqOf(ask.Spool)));
                break;
            case AskStatus:
                Sender.Tell(Status());
                break;
            default:
                if (!OnDeliveryCommand(message) && !OnKeepingCommand(message))
                    Unhandled(message);
                break;
        }
    }

    private HandlerStatus Status() => new(
        _handler, _row, _state.OpenSessions, _outbox.Events + _taking.Events, _outbox.OldestReceived ?? _taking.OldestReceived,
        [.. _state.Places.Select(p => KeyValuePair.Create(p.Spool, p.Seq))], _state.Duplicates, _state.Reordered, _state.Damaged,
        _context.Deliveries.Node);
}
