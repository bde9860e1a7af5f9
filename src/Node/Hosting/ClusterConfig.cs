using System.Globalization;
using Akka.Actor.Setup;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Remote.Transport.DotNetty;
using FtpActors.Actors.Clustering;
using FtpActors.Actors.Lease;
using FtpActors.Actors.Wire;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>The settings of an actor system that is part of a cluster. What takes how long is measured: docs/benchmarks.md.</summary>
internal static class ClusterConfig
{
    // Of node to node: one frame holds what a handler gets of a shipment, at most some thousand events.
    private const string Frame = "16 MiB";

    /// <summary>Akka's own for the parts that are not loaded with the system: what comes from other nodes before they are loaded can be read so.</summary>
    public static Config Defaults => ClusterSharding.DefaultConfig().WithFallback(DistributedPubSub.DefaultConfig()).WithFallback(DistributedData.DefaultConfig())
        .WithFallback(ClusterSingleton.DefaultConfig()).WithFallback(Bootstrap.Defaults);

    /// <summary>As HOCON.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="grace">How long a handler that goes to another node may take for running actions.</param>
    public static string Of(ClusterOptions cluster, string node, TimeSpan grace)
    {
        var isHandler = cluster.Roles.Contains(Shards.Role);
        var roles = string.Join(", ", cluster.Roles.Append(ClusterNode.NameRole + node).Select(r => $"\"{r}\""));
        var handOver = (grace + TimeSpan.FromSeconds(10)).TotalMilliseconds;
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              actor.provider = cluster
              remote {
                log-remote-lifecycle-events = off
                retry-gate-closed-for = 500 ms
                dot-netty.tcp {
                  hostname = "{{cluster.Listen.Host}}"
                  port = {{cluster.Listen.Port}}
                  enable-ssl = {{(cluster.Tls is null ? "off" : "on")}}
                  maximum-frame-size = {{Frame}}
                  send-buffer-size = {{Frame}}
                  receive-buffer-size = {{Frame}}
                }
              }
              cluster {
                roles = [{{roles}}]
                seed-node-timeout = 2 s
                retry-unsuccessful-join-after = 2 s
                # A node whose process has died is told by the database; this is for one that is cut off, and for a busy machine not too short.
                failure-detector { heartbeat-interval = 1 s, acceptable-heartbeat-pause = 3 s }
                gossip-interval = {{(isHandler ? 100 : 500)}} ms
                leader-actions-interval = 100 ms
                unreachable-nodes-reaper-interval = 250 ms
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                split-brain-resolver {
                  active-strategy = lease-majority
                  stable-after = 200 ms
                  down-all-when-unstable = off
                  lease-majority {
                    lease-implementation = "{{PostgresLease.ConfigPath}}"
                    role = {{Shards.Role}}
                    acquire-lease-delay-for-minority = 1 s
                  }
                }
                singleton { hand-over-retry-interval = 100 ms, min-number-of-hand-over-retries = 60 }
                pub-sub { role = {{Shards.Role}}, gossip-interval = 200 ms }
                distributed-data { durable.keys = [], gossip-interval = 200 ms, notify-subscribers-interval = 100 ms }
                sharding {
                  role = {{Shards.Role}}
                  state-store-mode = ddata
                  remember-entities = off
                  passivate-idle-entity-after = off
                  distributed-data { durable.keys = [] }
                  retry-interval = 100 ms
                  rebalance-interval = 1 s
                  handoff-timeout = {{handOver}} ms
                  waiting-for-state-timeout = 1 s
                  updating-state-timeout = 2 s
                  coordinator-state { write-majority-plus = 1, read-majority-plus = 1 }
                }
              }
              coordinated-shutdown.phases {
                cluster-sharding-shutdown-region { timeout = {{handOver}} ms }
                cluster-leave { timeout = 5 s }
                cluster-exiting { timeout = 10 s }
              }
            }

            """) + (cluster.Bootstrap is { } bootstrap ? Bootstrap.Of(bootstrap, isHandler) : "") + WireSerializer.Config + (cluster.Journal is { } journal ? PostgresLease.ConfigOf(journal, cluster.Lease) : LeaseByHandler.Config);
    }

    /// <summary>The certificates, when there are some.</summary>
    public static Setup? TlsOf(ClusterOptions cluster) => cluster.Tls is not var (certificate, authority) ? null : new DotNettySslSetup(
        certificate, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
        customValidator: (remote, _, _, _, _) => remote is not null && CertificateChain.IsOf(remote, authority));
}
