using Akka.Actor;
using Akka.Event;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// The handlers of a node that is alone, one child each: what a shard region is in a cluster, with the same messages. A handler that fails (its journal cannot be
/// written, a bug) begins anew from its journal after a pause.
/// </summary>
public sealed class HandlersActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WasWell = TimeSpan.FromMinutes(1);

    private readonly HandlerContext _context;
    private readonly Place[] _places;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HandlersActor(HandlerContext context)
    {
        _context = context;
        _places = [.. Enumerable.Range(0, context.Handlers).Select(_ => new Place())];
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Of all handlers of a journal.</summary>
    public static Props Props(HandlerContext context) => Akka.Actor.Props.Create<HandlersActor>(context);

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() =>
        // Not restarted but made anew: it must know how far the history has come meanwhile.
        new OneForOneStrategy(_ => Directive.Stop);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        for (var handler = 0; handler < _places.Length; handler++)
            Ask(handler);
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IForHandler one:
                // Without an answer the sender tries again: there is no handler at the moment.
                _places[one.Handler].Actor?.Forward(one);
                break;
            case LookAtDeliveries:
                foreach (var place in _places)
                    place.Actor?.Forward(message);
                break;
            case Stands stands:
                Begin(stands);
                break;
            case NotKnown failed:
                _log.Warning("Handler {0} waits for the history: {1}", failed.Handler, failed.Reason.Message);
                AskLater(failed.Handler);
                break;
            case AskAgain again:
                Ask(again.Handler);
                break;
            case SnapshotIsDamaged damaged:
                _places[damaged.Handler].SnapshotsUpTo = damaged.Row - 1;
                _log.Error("The snapshot of handler {0} at row {1} cannot be read, it goes on from the one before: {2}", damaged.Handler, damaged.Row, damaged.Reason);
                break;
            case Terminated ended:
                Ended(Array.FindIndex(_places, p => ended.ActorRef.Equals(p.Actor)));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Ask(int handler) => _context.History.ReadPositionAsync(handler)
        .PipeTo(Self, success: row => new Stands(handler, row), failure: e => new NotKnown(handler, e));

    private void AskLater(int handler)
    {
        var place = _places[handler];
        Timers.StartSingleTimer(handler, new AskAgain(handler), place.Pause);
        place.Pause = place.Pause * 2 < LongestPause ? place.Pause * 2 : LongestPause;
    }

    private void Begin(Stands stands)
    {
        var place = _places[stands.Handler];
        place.Actor = Context.Watch(Context.ActorOf(HandlerActor.Props(_context, stands.Handler, stands.Row, place.SnapshotsUpTo)));
        place.BeganAt = Context.System.Scheduler.Now;
    }

    private void Ended(int handler)
    {
        var place = _places[handler];
        place.Actor = null;
        if (Context.System.Scheduler.Now - place.BeganAt > WasWell)
            place.Pause = FirstPause;
        _log.Warning("Handler {0} has ended and begins anew from its journal in {1} s", handler, place.Pause.TotalSeconds);
        AskLater(handler);
    }

    private sealed class Place
    {
        public IActorRef? Actor { get; set; }

        public DateTimeOffset BeganAt { get; set; }

        public long SnapshotsUpTo { get; set; } = long.MaxValue;

        public TimeSpan Pause { get; set; } = FirstPause;
    }

    private sealed record Stands(int Handler, long Row) : INoSerializationVerificationNeeded;

    private sealed record NotKnown(int Handler, Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record AskAgain(int Handler) : INoSerializationVerificationNeeded;
}
