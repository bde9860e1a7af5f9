using System.Globalization;
using Akka.Actor;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>The handlers of a node that is alone, one child each: what a shard region is in a cluster, with the same messages and the same entities.</summary>
public sealed class HandlersActor : UntypedActor
{
    private readonly IActorRef[] _entities;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public HandlersActor(HandlerContext context) => _entities =
        [.. Enumerable.Range(0, context.Handlers).Select(handler => Context.ActorOf(HandlerEntity.Props(context, handler), handler.ToString(CultureInfo.InvariantCulture)))];

    /// <summary>Of all handlers of a journal.</summary>
    public static Props Props(HandlerContext context) => Akka.Actor.Props.Create<HandlersActor>(context);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is IForHandler one)
            _entities[one.Handler].Forward(one);
        else
            Unhandled(message);
    }
}
