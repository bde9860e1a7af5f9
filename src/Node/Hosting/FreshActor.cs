using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Wire;
using FtpActors.Node.Http;

namespace FtpActors.Node.Hosting;

/// <summary>Rings for readers that follow the events: for what becomes durable here, and in a cluster for what does elsewhere.</summary>
internal sealed class FreshActor : ReceiveActor, IWithTimers
{
    private const string Topic = "fresh";
    // A reader may wait so long for what is stored elsewhere; more would be many messages for a person's eyes.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private readonly IActorRef? _others;
    private bool _isGathering;

    /// <param name="fresh">The readers here.</param>
    /// <param name="isInCluster">There are readers elsewhere.</param>
    public FreshActor(FreshSignal fresh, bool isInCluster)
    {
        if (isInCluster)
        {
            _others = DistributedPubSub.Get(Context.System).Mediator;
            _others.Tell(new Subscribe(Topic, Self));
        }
        Receive<EventsStored>(_ =>
        {
            fresh.Ring();
            if (_others is null || _isGathering)
                return;
            _isGathering = true;
            Timers.StartSingleTimer(Topic, Tick.Instance, Gather);
        });
        Receive<Tick>(_ =>
        {
            _isGathering = false;
            _others!.Tell(new Publish(Topic, EventsAreFresh.Instance));
        });
        Receive<EventsAreFresh>(_ => fresh.Ring());
        Receive<SubscribeAck>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(EventsStored));

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }
}
