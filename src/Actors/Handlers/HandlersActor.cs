using Akka.Actor;
using Akka.Event;
using FtpActors.Actors.Reading;
using FtpActors.Protocol.Shipping;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

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

    // Messages that are kept for a handler that begins, as a shard region keeps them; who sends more must ask again, which all do.
    private const int MostWaiting = 1000;

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
                Route(one);
                break;
            case LookAtDeliveries:
                foreach (var place in _places)
                    place.Actor?.Forward(message);
                break;
            case Stands stands:
                Begin(stands);
                break;
            case NotKnown failed:
                Failed(failed);
                break;
            case AskAgain again:
                Ask(again.Handler);
                break;
            case SnapshotIsDamaged damaged:
                _places[damaged.Handler].SnapshotsUpTo = damaged.Row - 1;
                _log.Error("The snapshot of handler {0} at row {1} cannot be read, it goes on from the one before: {2}", damaged.Handler, damaged.Row, damaged.Reason);
                break;
            case HistoryIsAhead ahead:
                _log.Error("The journal of handler {0} ends at row {1}, and the history knows later ones: they are lost. What they said of sessions stays in the history as it was", ahead.Handler, ahead.Row);
                _context.History.LowerAsync(ahead.Handler, ahead.Row).PipeTo(Self, success: () => Lowered.Instance, failure: e => new NotKnown(ahead.Handler, e));
                break;
            case Lowered:
                break;
            case Terminated ended:
                Ended(Array.FindIndex(_places, p => ended.ActorRef.Equals(p.Actor)));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Route(IForHandler message)
    {
        var place = _places[message.Handler];
        if (place.Actor is { } actor)
            actor.Forward(message);
        else if (place.Waiting.Count < MostWaiting)
            place.Waiting.Enqueue((message, Sender));
    }

    private void Ask(int handler) => FindAsync(Context.System, _context, handler).PipeTo(Self, failure: e => new NotKnown(handler, e));

    // A history that was taken away is made anew from the first row, as long as that is there; a snapshot would pass over what came before it.
    private static async Task<Stands> FindAsync(ActorSystem system, HandlerContext context, int handler)
    {
        if (await context.History.ReadPositionAsync(handler).ConfigureAwait(false) is > 0 and var row)
            return new Stands(handler, row, IsWhole: false);
        // Made here, on no actor's thread: it waits for the journal to answer.
        var journals = await Task.Run(() => new HandlerJournals(system, context.History, context.Handlers)).ConfigureAwait(false);
        await foreach (var first in journals.ReadAsync(handler, 0, 1, CancellationToken.None).ConfigureAwait(false))
            return new Stands(handler, 0, IsWhole: true);
        return new Stands(handler, 0, IsWhole: false);
    }

    private void Failed(NotKnown failed)
    {
        if (JournalUnreadable.Of(HandlerContext.PersistenceIdOf(failed.Handler), failed.Reason, e => (e as SqliteException)?.SqliteErrorCode) is { } unreadable)
        {
            Context.System.EventStream.Publish(unreadable);
            return;
        }
        _log.Warning("Handler {0} cannot learn how far journal and history have come: {1}", failed.Handler, failed.Reason.Message);
        AskLater(failed.Handler);
    }

    private void AskLater(int handler)
    {
        var place = _places[handler];
        Timers.StartSingleTimer(handler, new AskAgain(handler), place.Pause);
        place.Pause = place.Pause * 2 < LongestPause ? place.Pause * 2 : LongestPause;
    }

    private void Begin(Stands stands)
    {
        var place = _places[stands.Handler];
        place.Actor = Context.Watch(Context.ActorOf(HandlerActor.Props(_context, stands.Handler, stands.Row, stands.IsWhole ? 0 : place.SnapshotsUpTo)));
        place.BeganAt = Context.System.Scheduler.Now;
        while (place.Waiting.TryDequeue(out var waiting))
            place.Actor.Tell(waiting.Message, waiting.Sender);
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

        public Queue<(IForHandler Message, IActorRef Sender)> Waiting { get; } = new();

        public DateTimeOffset BeganAt { get; set; }

        public long SnapshotsUpTo { get; set; } = long.MaxValue;

        public TimeSpan Pause { get; set; } = FirstPause;
    }

    /// <param name="Handler">The handler.</param>
    /// <param name="Row">The last of its rows that the history has.</param>
    /// <param name="IsWhole">The history has none, and the journal has all.</param>
    private sealed record Stands(int Handler, long Row, bool IsWhole) : INoSerializationVerificationNeeded;

    private sealed record Lowered : INoSerializationVerificationNeeded
    {
        public static Lowered Instance { get; } = new();
    }

    private sealed record NotKnown(int Handler, Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record AskAgain(int Handler) : INoSerializationVerificationNeeded;
}
