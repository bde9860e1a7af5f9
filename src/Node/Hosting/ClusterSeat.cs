using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using FtpActors.Actors.Clustering;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Lease;

namespace FtpActors.Node.Hosting;

/// <summary>The place of a node in its cluster: what joins it, and what finds out that it does not belong to it any more.</summary>
internal static class ClusterSeat
{
    private static readonly TimeSpan WitnessInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Joins, for as long as it takes.</summary>
    /// <param name="system">The node's actor system.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="engine">The node.</param>
    /// <param name="lost">Told once why the node must begin anew; its handlers have ended then.</param>
    public static ClusterNodes Take(ActorSystem system, ClusterOptions cluster, EngineOptions engine, Action<string> lost)
    {
        var nodes = new ClusterNodes(system);
        system.ActorOf(HostActor.Props(new ActionTry(engine.Book, engine.Runner, engine.Node)), HostActor.Name);
        system.ActorOf(ClusterWatch.Props(reason => Lose(system, engine.Handler, reason, lost)), "cluster-watch");
        if (cluster.Journal is { } database)
        {
            system.ActorOf(Props.Create<LeaseActor>(), LeaseActor.Name);
            system.ActorOf(WitnessActor.Props(new WitnessOptions(database, cluster.Lease, WitnessInterval)), "witness");
        }
        if (cluster.Bootstrap is { } bootstrap)
            Bootstrap.Begin(system, bootstrap, lost);
        else
            JoinSeeds(system, cluster);
        return nodes;
    }

    private static void JoinSeeds(ActorSystem system, ClusterOptions cluster)
    {
        // A node whose port is any free one can name itself only so.
        var own = $"{cluster.Listen.Host}:{cluster.Listen.Port}";
        var member = Cluster.Get(system);
        member.JoinSeedNodes(cluster.Seeds.Select(seed => seed == own ? member.SelfAddress : AddressOf(member.SelfAddress, seed)));
    }

    // The handlers first: others have them already, or will in a moment. Nobody is to join by a node that is going.
    private static void Lose(ActorSystem system, bool hasHandlers, string reason, Action<string> lost)
    {
        if (hasHandlers)
            Shards.Abandon(system);
        var member = Cluster.Get(system);
        member.Down(member.SelfAddress);
        lost(reason);
    }

    private static Address AddressOf(Address own, string seed)
    {
        var colon = seed.LastIndexOf(':');
        return own.WithHost(seed[..colon]).WithPort(int.Parse(seed[(colon + 1)..], CultureInfo.InvariantCulture));
    }
}
