using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Logins;
using FtpActors.Protocol;

namespace FtpActors.Actors.Clustering;

/// <summary>The shard regions of a cluster: handlers, and slices of the login slots, on the nodes of role <see cref="Role"/>.</summary>
public static class Shards
{
    /// <summary>The role of the nodes where they live.</summary>
    public const string Role = "handler";

    private const string Handlers = "handlers";
    private const string Logins = "logins";

    // A few at a time: the others go on meanwhile.
    private const int MovedAtOnce = 2;
    private const double MovedShare = 0.2;

    /// <summary>The region of the handlers, on a node where they may live. They live without being asked: deliveries and timers go on after a move.</summary>
    public static IActorRef StartHandlers(ActorSystem system, HandlerContext context)
    {
        var region = Start(system, Handlers, context.Handlers, handler => HandlerEntity.Props(context, handler), HandOver.Instance);
        system.ActorOf(KeepAlive.Props(region, context.Handlers), "keep-alive");
        return region;
    }

    /// <summary>The way to the handlers from a node where none lives.</summary>
    public static IActorRef HandlersElsewhere(ActorSystem system, int count) => ClusterSharding.Get(system).StartProxy(Handlers, Role, new ShardExtractor(count));

    /// <summary>Ends all that lives here at once, without handing anything over: it belongs to others.</summary>
    public static void Abandon(ActorSystem system)
    {
        foreach (var name in (string[])[Handlers, Logins])
            system.Stop(ClusterSharding.Get(system).ShardRegion(name));
    }

    /// <summary>The region of the login slots, on a node where they may live.</summary>
    public static IActorRef StartLogins(ActorSystem system, int slices, TimeProvider time) =>
        Start(system, Logins, slices, slice => LoginSlotsActor.Props(slice, slices, time), PoisonPill.Instance);

    /// <summary>The way to the login slots from a node where none lives.</summary>
    public static IActorRef LoginsElsewhere(ActorSystem system, int slices) => ClusterSharding.Get(system).StartProxy(Logins, Role, new ShardExtractor(slices));

    /// <summary>Where the handlers live: address of the node by handler, as the regions say now.</summary>
    /// <param name="system">Of a node with the region, or with the way to it.</param>
    /// <param name="patience">How long all of them may take.</param>
    /// <exception cref="JournalUnavailableException">This node's own region does not answer: it begins or ends.</exception>
    public static async Task<IReadOnlyDictionary<int, Address>> ReadPlacesAsync(ActorSystem system, TimeSpan patience)
    {
        var region = ClusterSharding.Get(system).ShardRegion(Handlers);
        ClusterShardingStats stats;
        try
        {
            stats = await region.Ask<ClusterShardingStats>(new GetClusterShardingStats(patience), patience + patience).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException("Where the handlers live is not known: the shard region of this node does not answer.", e);
        }
        return stats.Regions.SelectMany(r => r.Value.Stats.Keys.Select(shard => (Handler: int.Parse(shard, CultureInfo.InvariantCulture), r.Key)))
            .DistinctBy(p => p.Handler).ToDictionary(p => p.Handler, p => p.Key);
    }

    private static IActorRef Start(ActorSystem system, string name, int count, Func<int, Props> entity, object stop) => ClusterSharding.Get(system).Start(
        name, id => entity(int.Parse(id, CultureInfo.InvariantCulture)), ClusterShardingSettings.Create(system).WithRole(Role), new ShardExtractor(count),
        ShardAllocationStrategy.LeastShardAllocationStrategy(MovedAtOnce, MovedShare), stop);
}
