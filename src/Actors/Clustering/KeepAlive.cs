using Akka.Actor;
using Akka.Cluster.Sharding;

namespace FtpActors.Actors.Clustering;

/// <summary>
/// Starts every entity of a region that does not live, once a second, as Akka's ShardedDaemonProcess does; that one is not used because its entities cannot be sent messages by
/// number. Every node does so: whoever lives on finds out.
/// </summary>
internal sealed class KeepAlive : UntypedActor, IWithTimers
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly IActorRef _region;
    private readonly int _entities;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public KeepAlive(IActorRef region, int entities) => (_region, _entities) = (region, entities);

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Of a region.</summary>
    public static Props Props(IActorRef region, int entities) => Akka.Actor.Props.Create<KeepAlive>(region, entities);

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.Zero, Every);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not Tick)
        {
            Unhandled(message);
            return;
        }
        for (var entity = 0; entity < _entities; entity++)
            _region.Tell(new ShardRegion.StartEntity(ShardExtractor.IdOf(entity)), ActorRefs.NoSender);
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }
}
