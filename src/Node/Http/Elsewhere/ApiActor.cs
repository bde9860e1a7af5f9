using Akka.Actor;
using FtpActors.Actors.Wire;
using FtpActors.Node.Access;

namespace FtpActors.Node.Http.Elsewhere;

/// <summary>Takes requests that came to other nodes and answers them with this node's own API, each by an actor of its own.</summary>
#pragma warning disable CA1001 // An actor's end is PostStop.
internal sealed class ApiActor : ReceiveActor
#pragma warning restore CA1001
{
    /// <summary>Its name below <c>/user</c> on every node.</summary>
    public const string Name = "api";

    // One connection pool for all; nothing but this machine is asked, so there is no proxy.
    private readonly HttpClient _http;

    /// <param name="own">Address of this node's API.</param>
    /// <param name="pass">What its API knows these requests by.</param>
    /// <param name="certificate">Its certificate; null without TLS.</param>
    public ApiActor(Uri own, ClusterPass pass, CertificateFile? certificate)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // It is itself whom it asks, whatever name stands in the certificate: this one certificate and no other.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            certificate is not null && shown is not null && shown.GetRawCertData().AsSpan().SequenceEqual(certificate.Current.RawData);
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, BaseAddress = own };
        Receive<ApiRequestBy>(request => Context.ActorOf(Props.Create<ApiAnswerActor>(_http, pass)).Forward(request));
        // Of a node of an earlier version.
        Receive<ApiRequest>(request => Context.ActorOf(Props.Create<ApiAnswerActor>(_http, pass)).Forward(new ApiRequestBy("an earlier version", Roles.Of(Role.Reader), request)));
    }

    protected override void PostStop() => _http.Dispose();
}
