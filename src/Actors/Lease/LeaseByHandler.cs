using Akka.Actor;
using Akka.Cluster;
using Akka.Coordination;
using FtpActors.Actors.Clustering;

namespace FtpActors.Actors.Lease;

/// <summary>
/// The lease of the split brain resolver on a node that has no database: a handler node of its own side takes it. The resolver asks on the node that leads its side, which may
/// well be one without handlers; a side without a handler gets no lease, and goes.
/// </summary>
public sealed class LeaseByHandler : Akka.Coordination.Lease
{
    private readonly ActorSystem _system;

    /// <summary>Made by Akka's lease provider.</summary>
    public LeaseByHandler(LeaseSettings settings, ExtendedActorSystem system)
        : base(settings) => _system = system;

    /// <summary>Its settings as HOCON, in the place of <see cref="PostgresLease.ConfigOf"/>.</summary>
    public static string Config { get; } = $$"""
        {{PostgresLease.ConfigPath}} {
          lease-class = "{{typeof(LeaseByHandler).FullName}}, FtpActors.Actors"
          heartbeat-timeout = 6 s
          heartbeat-interval = 1 s
          lease-operation-timeout = 4 s
        }

        """;

    /// <inheritdoc/>
    public override Task<bool> Acquire() => AskAsync(new AskLease(IsRelease: false));

    /// <inheritdoc/>
    public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Acquire();

    /// <inheritdoc/>
    public override Task<bool> Release() => AskAsync(new AskLease(IsRelease: true));

    /// <inheritdoc/>
    // The resolver asks anew for each decision.
    public override bool CheckLease() => false;

    private async Task<bool> AskAsync(AskLease message)
    {
        var state = Cluster.Get(_system).State;
        var handler = state.Members.Except(state.Unreachable).Where(m => m.HasRole(Shards.Role) && m.Status is MemberStatus.Up or MemberStatus.Leaving)
            .OrderBy(m => m.UniqueAddress).FirstOrDefault();
        if (handler is null)
            return false;
        try
        {
            var actor = _system.ActorSelection(new RootActorPath(handler.Address) / "user" / LeaseActor.Name);
            return (await actor.Ask<LeaseAnswer>(message, Settings.TimeoutSettings.OperationTimeout).ConfigureAwait(false)).IsDone;
        }
        catch (AskTimeoutException e)
        {
            throw new LeaseTimeoutException($"{handler.Address} has not answered whether it has the lease.", e);
        }
    }
}

/// <summary>Asks a handler node to take or free the lease of the split brain resolver for its side; answered with <see cref="LeaseAnswer"/>.</summary>
/// <param name="IsRelease">To free it.</param>
public sealed record AskLease(bool IsRelease);

/// <summary>Whether it was done.</summary>
/// <param name="IsDone">Yes.</param>
public sealed record LeaseAnswer(bool IsDone);
