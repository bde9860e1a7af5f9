using Akka.Actor;
using Akka.Event;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// One delivery, from the action that is next to its end or its next failure; child of its handler, which makes every try durable before the next one begins. At
/// least once: whoever dies between the action and the fact leaves the delivery due, and it is tried again with the same key.
/// </summary>
#pragma warning disable CA1001 // An actor's end is PostStop.
internal sealed class DeliveryActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private static readonly TimeSpan HistoryLook = TimeSpan.FromMilliseconds(100);
    // A message to another host may be lost with its connection.
    private static readonly TimeSpan AskHostAgain = TimeSpan.FromSeconds(2);

    private readonly HandlerContext _context;
    private readonly int _handler;
    private readonly ActionTry _here;
    private readonly CancellationTokenSource _end = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private OwedDelivery _owed;
    private DateTimeOffset _startedAt;
    private IActorRef? _host;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DeliveryActor(HandlerContext context, int handler, OwedDelivery owed)
    {
        (_context, _handler, _owed) = (context, handler, owed);
        _here = new ActionTry(context.Book, context.Runner, context.Deliveries.Node);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private string? OtherHost => _owed.Delivery.OnHost is { } host && host != _context.Deliveries.Node ? host : null;

    /// <summary>Of a delivery that is due.</summary>
    public static Props Props(HandlerContext context, int handler, OwedDelivery owed) => Akka.Actor.Props.Create<DeliveryActor>(context, handler, owed);

    /// <inheritdoc/>
    protected override void PreStart() => Go();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // An action that runs on is ended: its outcome could not be kept.
        _end.Cancel();
        _end.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FactsRead { Record: { } record }:
                _owed = _owed with { Delivery = _owed.Delivery with { Facts = record.Delivery.Facts } };
                Go();
                break;
            case FactsRead:
                // The history is a moment behind the journal.
                Timers.StartSingleTimer("history", LookAgain.Instance, HistoryLook);
                break;
            case LookAgain:
                Go();
                break;
            case Ran ran:
                Ended(_context.Deliveries.Node, ran.Outcome);
                break;
            case HostFound { Host: { } host }:
                _host = Context.Watch(host);
                Timers.StartPeriodicTimer(AskHost.Instance, AskHost.Instance, TimeSpan.Zero, AskHostAgain);
                break;
            case AskHost:
                _host?.Tell(new RunOnHost(_owed.Delivery, _owed.Step, _owed.Attempt + 1, _owed.Tries));
                break;
            case HostBegan:
                break;
            case HostRan ran when ran.Tries == _owed.Tries && _host is not null:
                Timers.Cancel(AskHost.Instance);
                Ended(OtherHost!, ran.Outcome);
                break;
            case HostRan:
                break;
            case HostFound or Terminated:
                Context.Parent.Tell(new HostIsAway(_owed.Id));
                Context.Stop(Self);
                break;
            case TryStored { Next: { } next }:
                _owed = next with { Delivery = next.Delivery with { Facts = _owed.Delivery.Facts } };
                Go();
                break;
            case TryStored:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Go()
    {
        if (_owed.Delivery.Facts.Length == 0)
        {
            _context.History.ReadDeliveryAsync(_owed.Id).PipeTo(Self, success: record => new FactsRead(record), failure: NotRead);
            return;
        }
        _startedAt = _context.Time.GetUtcNow();
        if (OtherHost is { } host)
        {
            _context.Hosts.FindAsync(host).PipeTo(Self, success: found => new HostFound(found), failure: _ => new HostFound(null));
            return;
        }
        var owed = _owed;
        // On the pool: the first steps of an action may block.
        Task.Run(() => RunSafelyAsync(owed)).PipeTo(Self);
    }

    private void Ended(string node, ActionOutcome outcome)
    {
        var rules = _context.Book.Rules;
        var made = new DeliveryTry(
            _owed.Tries + 1, _owed.Step, node, _startedAt, _context.Time.GetUtcNow(), outcome.Succeeded, outcome.Code, outcome.Summary, outcome.FirstOutput, outcome.LastOutput);
        var next = DeliveryStep.After(_owed.Record(_handler), rules.Find(_owed.Delivery.Rule), rules, made, outcome, Random.Shared.NextDouble());
        if (next.State == DeliveryState.Dead)
            _log.Warning("Delivery {0} ({1}) is a dead letter: {2}", _owed.Delivery.Key, _owed.Id, outcome.Summary);
        Context.Parent.Tell(new TryEnded(next));
    }

    private FactsRead NotRead(Exception e)
    {
        _log.Warning("The facts of delivery {0} cannot be read, tried again: {1}", _owed.Id, e.Message);
        return new FactsRead(null);
    }

    private async Task<Ran> RunSafelyAsync(OwedDelivery owed)
    {
        try
        {
            return new Ran(await _here.RunAsync(owed.Delivery, owed.Step, owed.Attempt + 1, _end.Token).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // A fault of ours is an outcome too.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _log.Error(e, "Delivery {0} ({1}) failed in a way that is no outcome of its action", owed.Delivery.Key, owed.Id);
            return new Ran(ActionTry.Fault(e));
        }
    }

    private sealed record LookAgain : INoSerializationVerificationNeeded
    {
        public static LookAgain Instance { get; } = new();
    }

    private sealed record AskHost : INoSerializationVerificationNeeded
    {
        public static AskHost Instance { get; } = new();
    }

    private sealed record Ran(ActionOutcome Outcome) : INoSerializationVerificationNeeded;

    private sealed record HostFound(IActorRef? Host) : INoSerializationVerificationNeeded;
}
