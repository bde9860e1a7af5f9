using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Discovery;
using Akka.Management.Cluster.Bootstrap;
using Akka.Management.Dsl;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>
/// The cluster's begin without seeds: Akka.Discovery names the nodes, each tells the others over HTTP which cluster it knows (Akka.Management), and when none knows one the node with the lowest
/// address begins it. What they tell is addresses; nothing can be ordered there.
/// </summary>
internal static class Bootstrap
{
    /// <summary>Akka's own settings of it.</summary>
    public static Config Defaults => AkkaManagementProvider.DefaultConfiguration().WithFallback(DiscoveryProvider.DefaultConfiguration());

    /// <summary>As HOCON.</summary>
    /// <param name="bootstrap">How.</param>
    /// <param name="mayBegin">Whether the node may begin a cluster: one of handlers.</param>
    public static string Of(BootstrapSection bootstrap, bool mayBegin)
    {
        var contacts = bootstrap.Contacts.Select(c => $"\"{c}\"");
        var discovery = bootstrap.IsDns ? DnsDiscovery.Config
            : $"akka.discovery {{ method = config, config.services.\"{bootstrap.Service}\".endpoints = [{string.Join(", ", contacts)}] }}\n";
        return discovery + string.Create(CultureInfo.InvariantCulture, $$"""
            akka.management {
              cluster.bootstrap {
                new-cluster-enabled = {{(mayBegin ? "on" : "off")}}
                contact-point-discovery {
                  service-name = "{{bootstrap.Service}}"
                  required-contact-point-nr = {{bootstrap.Required}}
                  stable-margin = 2 s
                }
                contact-point { fallback-port = {{bootstrap.Listen.Port}}, filter-on-fallback-port = off, probe-interval = 1 s }
              }
            }

            """);
    }

    /// <summary>Begins, or joins, for as long as it takes.</summary>
    /// <param name="system">The node's actor system.</param>
    /// <param name="bootstrap">How.</param>
    /// <param name="failed">Told when it cannot: the port is taken.</param>
    public static void Begin(ActorSystem system, BootstrapSection bootstrap, Action<string> failed) => _ = BeginAsync(system, bootstrap, failed);

    private static async Task BeginAsync(ActorSystem system, BootstrapSection bootstrap, Action<string> failed)
    {
        try
        {
            await ContactPoint.OpenAsync(system, bootstrap.Listen);
            await ClusterBootstrap.Get(system).Start();
        }
        catch (Exception e)
        {
            failed($"it cannot look for the other nodes, or listen for them at {bootstrap.Listen.Host}:{bootstrap.Listen.Port} (cluster.bootstrap): {e.GetBaseException().Message}");
        }
    }
}
