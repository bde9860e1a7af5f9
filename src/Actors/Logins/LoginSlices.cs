using Akka.Actor;

namespace FtpActors.Actors.Logins;

/// <summary>The slices of the login slots on a node that is alone, one child each: what a shard region is in a cluster, with the same messages.</summary>
public sealed class LoginSlices : UntypedActor
{
    private readonly IActorRef[] _slices;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public LoginSlices(int slices, TimeProvider time) => _slices = [.. Enumerable.Range(0, slices).Select(slice => Context.ActorOf(LoginSlotsActor.Props(slice, slices, time)))];

    /// <summary>Of all slices.</summary>
    public static Props Props(int slices, TimeProvider time) => Akka.Actor.Props.Create<LoginSlices>(slices, time);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is IForLogins one)
            _slices[one.Slice].Forward(one);
        else
            Unhandled(message);
    }
}
