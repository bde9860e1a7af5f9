using System.Text;
using Akka.Actor;
using Akka.Event;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;

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

    private readonly HandlerContext _context;
    private readonly int _handler;
    private readonly CancellationTokenSource _end = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private OwedDelivery _owed;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public DeliveryActor(HandlerContext context, int handler, OwedDelivery owed) => (_context, _handler, _owed) = (context, handler, owed);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

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
            case TryEnded ended:
                Context.Parent.Tell(ended);
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
        var owed = _owed;
        // On the pool: the first steps of an action may block.
        Task.Run(() => TryAsync(owed)).PipeTo(Self);
    }

    private async Task<TryEnded> TryAsync(OwedDelivery owed)
    {
        var started = _context.Time.GetUtcNow();
        var outcome = await RunSafelyAsync(owed).ConfigureAwait(false);
        var rules = _context.Book.Rules;
        var made = new DeliveryTry(
            owed.Tries + 1, owed.Step, _context.Deliveries.Node, started, _context.Time.GetUtcNow(), outcome.Succeeded, outcome.Code, outcome.Summary,
            outcome.FirstOutput, outcome.LastOutput);
        var next = DeliveryStep.After(owed.Record(_handler), rules.Find(owed.Delivery.Rule), rules, made, outcome, Random.Shared.NextDouble());
        if (next.State == DeliveryState.Dead)
            _log.Warning("Delivery {0} ({1}) is a dead letter: {2}", owed.Delivery.Key, owed.Id, outcome.Summary);
        return new TryEnded(next);
    }

    private FactsRead NotRead(Exception e)
    {
        _log.Warning("The facts of delivery {0} cannot be read, tried again: {1}", _owed.Id, e.Message);
        return new FactsRead(null);
    }

    private async Task<ActionOutcome> RunSafelyAsync(OwedDelivery owed)
    {
        try
        {
            return await RunAsync(owed).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A fault of ours, in whatever it shows: it is told with the delivery and tried again as patiently as any other failure.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _log.Error(e, "Delivery {0} ({1}) failed in a way that is no outcome of its action", owed.Delivery.Key, owed.Id);
            return ActionOutcome.Later($"A fault of this program, which its log has in full: {e.Message}");
        }
    }

    private Task<ActionOutcome> RunAsync(OwedDelivery owed)
    {
        var (book, delivery) = (_context.Book, owed.Delivery);
        if (book.Rules.Find(delivery.Rule) is not { } rule)
            return Never($"There is no rule '{delivery.Rule}' any more. Put it back and retry the delivery, or drop it.");
        var actions = DeliveryStep.ActionsOf(rule, delivery);
        if (owed.Step >= actions.Count)
            return Never($"Rule '{rule.Name}' has no action {owed.Step + 1} any more. Retry the delivery when it has, or drop it.");

        var facts = Facts.Parse(Encoding.UTF8.GetBytes(delivery.Facts));
        var user = facts.Text("user") is { } login ? book.Users?.Find(login) : null;
        return _context.Runner.RunAsync(
            new ActionContext(actions[owed.Step], rule.Name, delivery.Key, owed.Attempt + 1, facts, facts.Text("host") == _context.Deliveries.Node, user), _end.Token);
    }

    private static Task<ActionOutcome> Never(string summary) => Task.FromResult(ActionOutcome.Never(summary));

    private sealed record LookAgain : INoSerializationVerificationNeeded
    {
        public static LookAgain Instance { get; } = new();
    }
}
