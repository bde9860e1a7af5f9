using Akka.Actor;
using Akka.Cluster;
using Akka.Coordination;
using Akka.Event;

namespace FtpActors.Actors.Lease;

/// <summary>On a handler node: takes the lease of the split brain resolver for the nodes of its side that have no database; the very lease that its own resolver takes.</summary>
public sealed class LeaseActor : UntypedActor
{
    /// <summary>Its name below <c>/user</c> on every handler node.</summary>
    public const string Name = "lease";

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Akka.Coordination.Lease _lease = LeaseProvider.Get(Context.System)
        // Name and owner as Akka.Cluster's SplitBrainResolverProvider has them: the provider gives one lease for both.
        .GetLease($"{Context.System.Name}-akka-sbr", PostgresLease.ConfigPath, Cluster.Get(Context.System).SelfAddress.HostPort());

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case AskLease { IsRelease: false }:
                _lease.Acquire().PipeTo(Self, Sender, success: done => new LeaseAnswer(done), failure: NotDone);
                break;
            case AskLease:
                _lease.Release().PipeTo(Self, Sender, success: done => new LeaseAnswer(done), failure: NotDone);
                break;
            case LeaseAnswer answer:
                Sender.Tell(answer);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private LeaseAnswer NotDone(Exception e)
    {
        _log.Warning("The lease of the split brain resolver could not be asked for: {0}", e.Message);
        return new LeaseAnswer(false);
    }
}
