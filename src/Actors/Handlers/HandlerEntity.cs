using Akka.Actor;
using Akka.Event;
using FtpActors.Actors.Reading;
using FtpActors.Protocol.Shipping;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// The entity of one handler, in a shard or under <see cref="HandlersActor"/>: finds out how far history and journal have come, begins the handler there, and begins it anew
/// after a pause when it fails (its journal cannot be written, another one has written, a bug).
/// </summary>
public sealed class HandlerEntity : UntypedActor, IWithTimers
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WasWell = TimeSpan.FromMinutes(1);

    // Messages that are kept for a handler that begins, as a shard region keeps them; who sends more must ask again, which all do.
    private const int MostWaiting = 1000;

    private readonly HandlerContext _context;
    private readonly int _handler;
    private readonly Queue<(IForHandler Message, IActorRef Sender)> _waiting = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef? _actor;
    // The same, once it has recovered.
    private IActorRef? _ready;
    private DateTimeOffset _beganAt;
    private long _snapshotsUpTo = long.MaxValue;
    private bool _takesAnySnapshot;
    private long _lost;
    private TimeSpan _pause = FirstPause;
    private bool _isHandedOver;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HandlerEntity(HandlerContext context, int handler) => (_context, _handler) = (context, handler);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Of one handler.</summary>
    public static Props Props(HandlerContext context, int handler) => Akka.Actor.Props.Create<HandlerEntity>(context, handler);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Not restarted but made anew: it must know how far the history has come meanwhile.
        new OneForOneStrategy(_ => Directive.Stop);

    /// <inheritdoc/>
    protected override void PreStart() => Find();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IForHandler one when _ready is not null:
                _ready.Forward(one);
                break;
            case IForHandler one:
                if (_waiting.Count < MostWaiting)
                    _waiting.Enqueue((one, Sender));
                break;
            case Stands stands:
                Begin(stands);
                break;
            case HandlerRecovered:
                // One that ended right after it said so may have been noticed before.
                if (Sender.Equals(_actor))
                    Recovered(Sender);
                break;
            case NotKnown failed:
                Failed(failed.Reason);
                break;
            case AskAgain:
                Find();
                break;
            case SnapshotIsDamaged damaged:
                _snapshotsUpTo = damaged.Row - 1;
                _log.Error("The snapshot of handler {0} at row {1} cannot be read, it goes on from the one before: {2}", _handler, damaged.Row, damaged.Reason);
                break;
            case HistoryIsAhead ahead:
                _log.Error("The journal of handler {0} ends at row {1}, and the history knows later ones: they are lost. What they said of sessions stays in the history as it was", _handler, ahead.Row);
                _lost += ahead.History - ahead.Row;
                _context.History.LowerAsync(_handler, ahead.Row).PipeTo(Self, success: () => Lowered.Instance, failure: e => new NotKnown(e));
                break;
            case HistoryIsBehind:
                _takesAnySnapshot = true;
                _log.Error("The history of handler {0} ends before all of its snapshots, and the journal's first rows are gone: what lies between stays missing in the history", _handler);
                break;
            case Lowered:
                break;
            case HandOver:
                End();
                break;
            case HandlerQuiet quiet:
                if (quiet.Cut > 0)
                    _log.Warning("Handler {0} goes to another node; {1} actions were ended and run again there", _handler, quiet.Cut);
                Context.Stop(Self);
                break;
            case Terminated:
                Ended();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // What it has begun comes to its end, so that the next owner need not begin it again.
    private void End()
    {
        _isHandedOver = true;
        if (_actor is null)
            Context.Stop(Self);
        else
            _actor.Tell(new QuietHandler(_handler));
    }

    private void Find() => FindAsync(Context.System, _context, _handler).PipeTo(Self, failure: e => new NotKnown(e));

    // A history that was taken away is made anew from the first row, as long as that is there; a snapshot would pass over what came before it.
    private static async Task<Stands> FindAsync(ActorSystem system, HandlerContext context, int handler)
    {
        if (await context.History.ReadPositionAsync(handler).ConfigureAwait(false) is > 0 and var row)
            return new Stands(row, IsWhole: false);
        // Made here, on no actor's thread: it waits for the journal to answer.
        var journals = await Task.Run(() => new HandlerJournals(system, context.History, context.Handlers, context.Servers)).ConfigureAwait(false);
        await foreach (var first in journals.ReadAsync(handler, 0, 1, CancellationToken.None).ConfigureAwait(false))
            return new Stands(0, IsWhole: true);
        return new Stands(0, IsWhole: false);
    }

    private void Failed(Exception reason)
    {
        if (JournalUnreadable.Of(HandlerContext.PersistenceIdOf(_handler), reason, e => (e as SqliteException)?.SqliteErrorCode) is { } unreadable)
        {
            Context.System.EventStream.Publish(unreadable);
            return;
        }
        _log.Warning("Handler {0} cannot learn how far journal and history have come: {1}", _handler, reason.Message);
        FindLater();
    }

    private void FindLater()
    {
        Timers.StartSingleTimer(AskAgain.Instance, AskAgain.Instance, _pause);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    private void Begin(Stands stands)
    {
        if (_isHandedOver)
            return;
        // A snapshot of a later row than the history's (which lost its last ones with its write-ahead log) would pass over what is missing there.
        var mayGoBack = stands.Row > 0 && !_takesAnySnapshot;
        var snapshots = stands.IsWhole ? 0 : mayGoBack ? Math.Min(_snapshotsUpTo, stands.Row) : _snapshotsUpTo;
        _actor = Context.Watch(Context.ActorOf(HandlerActor.Props(_context, _handler, stands.Row, snapshots, mayGoBack, _lost)));
        _lost = 0;
        _beganAt = Context.System.Scheduler.Now;
    }

    private void Recovered(IActorRef handler)
    {
        _ready = handler;
        while (_waiting.TryDequeue(out var waiting))
            handler.Tell(waiting.Message, waiting.Sender);
    }

    private void Ended()
    {
        _actor = _ready = null;
        if (_isHandedOver)
        {
            Context.Stop(Self);
            return;
        }
        if (Context.System.Scheduler.Now - _beganAt > WasWell)
            _pause = FirstPause;
        _log.Warning("Handler {0} has ended and begins anew from its journal in {1} s", _handler, _pause.TotalSeconds);
        FindLater();
    }

    /// <param name="Row">The last of its rows that the history has.</param>
    /// <param name="IsWhole">The history has none, and the journal has all.</param>
    private sealed record Stands(long Row, bool IsWhole) : INoSerializationVerificationNeeded;

    private sealed record Lowered : INoSerializationVerificationNeeded
    {
        public static Lowered Instance { get; } = new();
    }

    private sealed record NotKnown(Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record AskAgain : INoSerializationVerificationNeeded
    {
        public static AskAgain Instance { get; } = new();
    }
}
