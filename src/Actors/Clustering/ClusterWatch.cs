using Akka.Actor;
using Akka.Remote;
using FtpActors.Actors.Lease;

namespace FtpActors.Actors.Clustering;

/// <summary>
/// Watches whether this node still belongs to the cluster, and tells once when it does not, because it must then begin anew: its lock in the database is gone, or another node has
/// shut it out. (When the resolver of its own side has taken it off, its actor system ends.)
/// </summary>
public sealed class ClusterWatch : UntypedActor
{
    private readonly Action<string> _lost;
    private bool _isTold;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ClusterWatch(Action<string> lost) => _lost = lost;

    /// <summary>Of this node.</summary>
    /// <param name="lost">Told why the node must begin anew, once, on the actor's thread: it must be quick.</param>
    public static Props Props(Action<string> lost) => Akka.Actor.Props.Create<ClusterWatch>(lost);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(WitnessLost));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case WitnessLost lost:
                Tell(lost.Reason);
                break;
            case ThisActorSystemQuarantinedEvent by:
                Tell($"the node at {by.RemoteAddress} has shut this one out, because it was not reachable");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Tell(string reason)
    {
        if (_isTold)
            return;
        _isTold = true;
        _lost(reason);
    }
}
