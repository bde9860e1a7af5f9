namespace FtpActors.Journal;

/// <summary>
/// Deliveries of a journal that many nodes share. There the owner of a shard makes those that any node may run; those of one host are that
/// host's node's (<see cref="IHostDeliveries"/>), also when it owns no shard, and also on the owner's own host.
/// </summary>
public interface ISharedDeliveries
{
    /// <summary>
    /// Calls <paramref name="due"/> with a shard in which another than its owner made something due (a retry, a replay, a notice, the node of a
    /// host that has finished with a session's turn), and with null when that may have happened in any shard. On any thread; must be quick.
    /// </summary>
    void OnDue(Action<int?> due);

    /// <summary>Begins to make a host's deliveries, for one run of its node. Disposing it ends its claims.</summary>
    /// <param name="host">Name of the host.</param>
    /// <param name="due">Called when something may be due there. On any thread; must be quick.</param>
    IHostDeliveries OpenHost(string host, Action due);

    /// <summary>The hosts for which something has been due since before a time: they have no node that runs, or one that is far behind.</summary>
    Task<IReadOnlyList<HostBacklog>> ReadHostsAsync(DateTimeOffset dueBefore);
}

/// <summary>
/// The deliveries of one host over all shards. What is read is claimed for this run of the node: no other run gets it while the claim holds, and
/// claims are renewed as long as the process works. A run that is gone leaves its claims to end by themselves (the journal's lease, by the
/// server's clock), and what it ran is tried again with the same key. The shard of a call to read does not count, nor does the epoch of a try.
/// A try is stored only under the claim: <see cref="ClaimLostException"/>.
/// </summary>
public interface IHostDeliveries : IDueDeliveries, IAsyncDisposable;

/// <summary>What waits for one host.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Due">Deliveries that are due; those behind them in their sessions' lines do not count.</param>
/// <param name="OldestDue">Since when the oldest of them has been due.</param>
public sealed record HostBacklog(string Host, long Due, DateTimeOffset OldestDue);

/// <summary>A delivery is not claimed by this run of the node any more: another run has it, or what was to be stored is stored already.</summary>
public sealed class ClaimLostException : JournalException
{
    /// <summary>For a delivery.</summary>
    public ClaimLostException(long id)
        : base($"Delivery {id} is no longer claimed by this run of the node: another one has it, or it was stored before. Nothing was written.", null)
    {
    }
}
