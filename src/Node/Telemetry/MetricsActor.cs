using Akka.Actor;
using FtpActors.Actors.Handlers;

namespace FtpActors.Node.Telemetry;

/// <summary>Hears what the handlers of this node have stored and applied.</summary>
internal sealed class MetricsActor : ReceiveActor
{
    public MetricsActor(NodeMetrics metrics, EventTrace trace, TimeProvider time)
    {
        Receive<EventsStored>(stored => Trace(trace, "handler", stored.Handler, stored.Events, time.GetUtcNow()));
        Receive<EventsApplied>(applied =>
        {
            var now = time.GetUtcNow();
            var events = applied.Events.Parts.Sum(p => p.Events.Count);
            if (events > 0)
                metrics.Applied(applied.Handler, events, now - applied.Events.Parts.SelectMany(p => p.Events).Min(e => e.Event.ReceivedAt));
            Trace(trace, "session", applied.Handler, applied.Events, now);
        });
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(EventsStored));
        Context.System.EventStream.Subscribe(Self, typeof(EventsApplied));
    }

    private static void Trace(EventTrace trace, string part, int handler, EventsTaken taken, DateTimeOffset now)
    {
        if (!trace.IsOn)
            return;
        foreach (var stored in taken.Parts.SelectMany(p => p.Events).Where(e => trace.IsTraced(e.Seq)))
            trace.Done(part, stored.Spool, stored.Seq, stored.Event.ReceivedAt, now, KeyValuePair.Create<string, object?>("ftpactors.shard", handler));
    }
}
