namespace FtpActors.Journal;

/// <summary>Where a member of the cluster stands.</summary>
public enum MemberState
{
    /// <summary>Takes part.</summary>
    Up,
    /// <summary>Gives its shards back and then stops; it takes no others.</summary>
    Leaving,
    /// <summary>A person has taken it out: it may own nothing until it joins again.</summary>
    Down,
}

/// <summary>What a member says of itself with every beat.</summary>
/// <param name="Name">Name of the node, unique in the cluster.</param>
/// <param name="Instance">This run of the node's process: a new one after every start.</param>
/// <param name="Roles">What it does: <c>ingest</c>, <c>handler</c>, …</param>
/// <param name="Weight">Its share of the shards beside the others', 1 to 1,000; a machine twice as strong has twice the weight.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Url">Address of its API.</param>
/// <param name="State">Up, or leaving when it is about to stop by itself.</param>
/// <param name="Refused">Shards that it cannot work on at the moment, because they failed here again and again.</param>
/// <param name="Backlog">Events in its spool that have not reached the journal; null without the role <c>ingest</c>.</param>
public sealed record MemberBeat(
    string Name, Guid Instance, IReadOnlyList<string> Roles, int Weight, string Version, string Url, MemberState State,
    IReadOnlyList<int> Refused, long? Backlog);

/// <summary>A member as the journal knows it.</summary>
/// <param name="Beat">What it said last; its <see cref="MemberBeat.State"/> is what a person has ordered when that is more.</param>
/// <param name="IsAlive">It holds its membership: its connection to the server is there. Decided by the server, not by clocks.</param>
/// <param name="StartedAt">Start of this run, by the server's clock.</param>
/// <param name="Silence">How long ago it beat, by the server's clock.</param>
public sealed record Member(MemberBeat Beat, bool IsAlive, DateTimeOffset StartedAt, TimeSpan Silence);

/// <summary>Who has a shard.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Epoch">Epoch of its last owner.</param>
/// <param name="Owner">Name of its last owner; "" when it never had one.</param>
/// <param name="IsHeld">Its lock is held at this moment.</param>
/// <param name="Since">When the last owner took it, by the server's clock.</param>
public sealed record ShardOwner(int Shard, long Epoch, string Owner, bool IsHeld, DateTimeOffset? Since);

/// <summary>The cluster as the journal's server sees it at one moment.</summary>
/// <param name="Members">Every node that has ever been a member and was not forgotten, by name.</param>
/// <param name="Shards">Every shard, by number.</param>
public sealed record ClusterView(IReadOnlyList<Member> Members, IReadOnlyList<ShardOwner> Shards);

/// <summary>What a person may order a member to do.</summary>
public enum MemberOrder
{
    /// <summary>Give all shards back, ship the spool, then stop the process.</summary>
    Leave,
    /// <summary>Lose all shards at once: the server ends the connections that hold them, and the member stays out until it joins.</summary>
    Down,
    /// <summary>Take part again.</summary>
    Join,
    /// <summary>Forget a member that is not alive.</summary>
    Forget,
}

/// <summary>
/// Membership of a cluster: the members share one journal, and that journal's server says who is alive and who owns what. There is no leader.
/// </summary>
public interface ICluster
{
    /// <summary>
    /// Becomes or stays a member and reads the cluster. The first call takes the name's membership, a lock on a connection of its own that the
    /// server ends after the lease when no beat comes; a later call after it was lost takes it again.
    /// </summary>
    /// <exception cref="NameTakenException">Another process that is alive has this name.</exception>
    /// <exception cref="JournalUnavailableException">The server cannot be reached.</exception>
    Task<ClusterView> BeatAsync(MemberBeat beat);

    /// <summary>The cluster as it is; the caller need not be a member.</summary>
    Task<ClusterView> ReadClusterAsync();

    /// <summary>Ends the membership of this process in order.</summary>
    /// <exception cref="JournalUnavailableException">The server cannot be reached; it ends the membership when it notices.</exception>
    Task ResignAsync();

    /// <summary>Orders a member to do something; it hears of it at its next beat or sooner.</summary>
    /// <returns>False when there is no member of that name.</returns>
    /// <exception cref="MemberAliveException">A member that is alive cannot be forgotten.</exception>
    /// <exception cref="JournalUnavailableException">The server cannot be reached.</exception>
    Task<bool> OrderAsync(string member, MemberOrder order);

    /// <summary>Calls <paramref name="changed"/>, on any thread, when another member says that something has changed (a shard given back, an order): look at once.</summary>
    void OnChange(Action changed);
}

/// <summary>Another process with the same node name is alive.</summary>
public sealed class NameTakenException : JournalException
{
    /// <summary>For a name and where the other one is.</summary>
    public NameTakenException(string name, string other)
        : base($"Another node named '{name}' is a member of the cluster ({other}). Every node needs a node.name of its own: stop the other one, or give this one another name.", null)
    {
    }
}

/// <summary>A member that is alive cannot be forgotten.</summary>
public sealed class MemberAliveException : JournalException
{
    /// <summary>For a name.</summary>
    public MemberAliveException(string name)
        : base($"Node '{name}' is alive and cannot be forgotten: let it leave first, or stop it.", null)
    {
    }
}
