using Akka.Actor;
using FtpActors.Actors.Wire;

namespace FtpActors.Node.Http.Elsewhere;

/// <summary>Takes requests that came to other nodes and answers them with this node's own API, each by an actor of its own.</summary>
#pragma warning disable CA1001 // An actor's end is PostStop.
internal sealed class ApiActor : ReceiveActor
#pragma warning restore CA1001
{
    /// <summary>Its name below <c>/user</c> on every node.</summary>
    public const string Name = "api";

    // One connection pool for all; nothing but this machine is asked, so there is no proxy.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <param name="own">Address of this node's API.</param>
    public ApiActor(Uri own)
    {
        _http.BaseAddress = own;
        Receive<ApiRequest>(request => Context.ActorOf(Props.Create<ApiAnswerActor>(_http)).Forward(request));
    }

    protected override void PostStop() => _http.Dispose();
}
