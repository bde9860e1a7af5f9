using Akka.Actor;

namespace FtpActors.Actors.Deliveries;

/// <summary>The nodes of the other FTP hosts, for actions that a rule wants on the host of the event. Safe from any thread.</summary>
public interface IHosts
{
    /// <summary>Raised when a host may have come back; whoever listens must be quick.</summary>
    event Action? Changed;

    /// <summary>Whether the node of a host is reachable.</summary>
    bool IsThere(string host);

    /// <summary>The actor that takes <see cref="RunOnHost"/> on the node of a host; null when that is not reachable.</summary>
    Task<IActorRef?> FindAsync(string host);
}

/// <summary>Of a node that is alone: there is no other host.</summary>
public sealed class NoOtherHosts : IHosts
{
    /// <inheritdoc/>
    public event Action? Changed { add { } remove { } }

    /// <inheritdoc/>
    public bool IsThere(string host) => false;

    /// <inheritdoc/>
    public Task<IActorRef?> FindAsync(string host) => Task.FromResult<IActorRef?>(null);
}
