using Akka.Actor;
using Akka.Event;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// The node of an FTP host, for handlers that live elsewhere: runs actions here, by this node's own rules, and tells how they went. One try runs once, however often it is asked
/// for: outcomes are remembered for a while, because an answer may be lost.
/// </summary>
#pragma warning disable CA1001 // An actor's end is PostStop.
public sealed class HostActor : UntypedActor
#pragma warning restore CA1001
{
    /// <summary>Its name below <c>/user</c> on every node.</summary>
    public const string Name = "host";

    // Many times what can be under way: a handler asks for no more than its node has slots for.
    private const int Remembered = 4096;

    private readonly ActionTry _here;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<(string Key, int Tries), HostRan?> _tries = [];
    private readonly Queue<(string Key, int Tries)> _ended = new();
    private readonly Dictionary<(string Key, int Tries), IActorRef> _askers = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HostActor(ActionTry here) => _here = here;

    /// <summary>Of a node.</summary>
    /// <param name="here">Runs actions on it.</param>
    public static Props Props(ActionTry here) => Akka.Actor.Props.Create<HostActor>(here);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        // An action that runs on is ended: nobody would hear of its outcome.
        _end.Cancel();
        _end.Dispose();
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RunOnHost run:
                Run(run);
                break;
            case HostRan ran:
                Ended(ran);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Run(RunOnHost run)
    {
        var id = (run.Delivery.Key, run.Tries);
        if (_tries.TryGetValue(id, out var known) && known is not null)
        {
            Sender.Tell(known);
            return;
        }
        // A handler that has moved meanwhile asks from elsewhere.
        _askers[id] = Sender;
        Sender.Tell(new HostBegan(run.Delivery.Key, run.Tries));
        if (!_tries.TryAdd(id, null))
            return;
        // On the pool: the first steps of an action may block.
        Task.Run(() => RunSafelyAsync(run)).PipeTo(Self);
    }

    private void Ended(HostRan ran)
    {
        var id = (ran.Key, ran.Tries);
        _tries[id] = ran;
        if (_askers.Remove(id, out var asker))
            asker.Tell(ran);
        _ended.Enqueue(id);
        if (_ended.Count > Remembered)
            _tries.Remove(_ended.Dequeue());
    }

    private async Task<HostRan> RunSafelyAsync(RunOnHost run)
    {
        try
        {
            return new HostRan(run.Delivery.Key, run.Tries, await _here.RunAsync(run.Delivery, run.Step, run.Attempt, _end.Token).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // A fault of ours is an outcome too.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            _log.Error(e, "Delivery {0} failed on this host in a way that is no outcome of its action", run.Delivery.Key);
            return new HostRan(run.Delivery.Key, run.Tries, ActionTry.Fault(e));
        }
    }
}
