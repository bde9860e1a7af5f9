using Akka.Actor;

namespace FtpActors.Actors.Wire;

/// <summary>A request of the API. Nodes of an earlier version ask by it alone, without a word about who asks: they may only read.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">The body.</param>
public sealed record ApiRequest(string Method, string Path, byte[] Body);

/// <summary>A request of the API that another node is to answer; answered with <see cref="ApiHead"/>.</summary>
/// <param name="Who">Who asks, as the node that was asked has found out.</param>
/// <param name="Role">What they may do: the name of a role.</param>
/// <param name="Request">What they ask.</param>
public sealed record ApiRequestBy(string Who, string Role, ApiRequest Request);

/// <summary>The beginning of an answer; what follows is asked for part by part, so that no more is under way than is wanted.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Type of the content, "" when there is none.</param>
/// <param name="Answer">Whom to ask for it.</param>
public sealed record ApiHead(int Status, string ContentType, IActorRef Answer);

/// <summary>Asks for the next part of an answer; answered with <see cref="ApiPart"/>.</summary>
public sealed record ApiNext
{
    /// <summary>The one.</summary>
    public static ApiNext Instance { get; } = new();
}

/// <summary>The next part of an answer.</summary>
/// <param name="Bytes">May be empty: nothing new yet.</param>
/// <param name="IsLast">Nothing follows.</param>
public sealed record ApiPart(byte[] Bytes, bool IsLast);

/// <summary>Nobody wants the rest of an answer.</summary>
public sealed record ApiStop
{
    /// <summary>The one.</summary>
    public static ApiStop Instance { get; } = new();
}

/// <summary>Published to the nodes of the cluster: there are new events in the journal.</summary>
public sealed record EventsAreFresh
{
    /// <summary>The one.</summary>
    public static EventsAreFresh Instance { get; } = new();
}
