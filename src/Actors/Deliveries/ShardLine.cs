namespace FtpActors.Actors.Deliveries;

/// <summary>What the <see cref="DeliveryActor"/> knows of one shard while this node owns it. Guarded by the actor's lock.</summary>
internal sealed class ShardLine(int shard, long epoch) : IDisposable
{
    private readonly CancellationTokenSource _end = new();

    public int Shard => shard;

    public long Epoch => epoch;

    /// <summary>Ids of the deliveries whose action runs or whose result is being stored.</summary>
    public Dictionary<long, Task> Running { get; } = [];

    /// <summary>Something may be due.</summary>
    public bool Look { get; set; } = true;

    /// <summary>Something was due that found no slot.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>When to look again without being woken.</summary>
    public DateTimeOffset NextDue { get; set; }

    /// <summary>Ends the running actions: the shard has another owner, or the node stops.</summary>
    public CancellationToken End => _end.Token;

    /// <summary>The shard is going to be given back: nothing more begins.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>Whether the journal refused a result because the shard has a newer owner.</summary>
    public bool IsLost { get; set; }

    public Task CancelAsync() => _end.CancelAsync();

    public void Dispose() => _end.Dispose();
}
