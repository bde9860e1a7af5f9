using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Sessions;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Spooling;

namespace FtpActors.Node.Hosting;

/// <summary>The settings of a node's actor system: ours, then the site's own, which win.</summary>
internal static class EngineConfig
{
    public static Config Of(EngineFiles files, EngineOptions options)
    {
        // What the tasks of each phase take at most, and a little more: an action has the time of grace that the site gives it.
        var stop = options.Grace + TimeSpan.FromSeconds(10);
        var ours = string.Create(CultureInfo.InvariantCulture, $$"""
            akka {
              stdout-loglevel = OFF
              stdout-logger-class = "{{typeof(LastWords).AssemblyQualifiedName}}"
              loglevel = INFO
              log-dead-letters = off
              log-dead-letters-during-shutdown = off
              # Who names no plugin gets the handlers' files: Akka's own default makes a folder wherever the program was started.
              persistence.journal.plugin = "{{HandlerContext.JournalPlugin}}"
              persistence.snapshot-store.plugin = "{{HandlerContext.SnapshotPlugin}}"
              coordinated-shutdown {
                exit-clr = off
                run-by-clr-shutdown-hook = off
                phases {
                  before-service-unbind { timeout = 60 s }
                  service-requests-done { timeout = 45 s }
                  service-stop { timeout = {{stop.TotalMilliseconds}} ms }
                  before-actor-system-terminate { timeout = 15 s }
                }
              }
            }

            """);
        var handlers = options.Cluster is not { } cluster ? SqlPlugin.Sqlite("handlers", files.Journal)
            : cluster.Journal is { } database ? string.Concat(cluster.Servers.Further.Select(s => s.Connection!).Prepend(database).Select((connection, i) => SqlPlugin.Postgres(JournalServers.NameOf(i), connection)))
            : "";
        var shared = options.Cluster is null ? "" : ClusterConfig.Of(options.Cluster, options.Node, options.Grace);
        return ConfigurationFactory.ParseString(options.Akka)
            .WithFallback(ConfigurationFactory.ParseString(
                ours + shared + handlers + SqlPlugin.Sqlite("spool", files.Spool) + HandlerSerializer.Config + SessionMailbox.Definition + SpoolSerializer.Config))
            .WithFallback(SqlPersistence.DefaultConfiguration)
            .WithFallback(options.Cluster is null ? Config.Empty : ClusterConfig.Defaults);
    }
}
