using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Discovery;

namespace FtpActors.Node.Hosting;

/// <summary>
/// Nodes by the addresses of one name, as the machine's resolver has them: a headless service of Kubernetes, a name with several A records. In the place of Akka's <c>akka-dns</c>, whose types cannot be
/// loaded with the Akka of today.
/// </summary>
internal sealed class DnsDiscovery : ServiceDiscovery
{
    /// <summary>Its settings as HOCON: the discovery's method.</summary>
    public static string Config { get; } = $$"""
        akka.discovery {
          method = resolver
          resolver.class = "{{typeof(DnsDiscovery).AssemblyQualifiedName}}"
        }

        """;

    /// <inheritdoc/>
    public override async Task<Resolved> Lookup(Lookup lookup, TimeSpan resolveTimeout)
    {
        using var patience = new CancellationTokenSource(resolveTimeout);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(lookup.ServiceName, patience.Token).ConfigureAwait(false);
            return new Resolved(lookup.ServiceName, addresses.Select(address => new ResolvedTarget(address.ToString(), address: address)));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // No node is there yet.
            return new Resolved(lookup.ServiceName, ImmutableList<ResolvedTarget>.Empty);
        }
    }
}
