using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;

namespace FtpActors.Node.Hosting;

/// <summary>What a node keeps: one file for all of it, or a spool of its own and a journal shared with others.</summary>
internal interface INodeStore : IAsyncDisposable
{
    /// <summary>Where this node's sources make their messages durable; null when it reads none and has none.</summary>
    ISpool? Spool { get; }

    /// <summary>What its sources could not decode; null when it has no spool.</summary>
    IQuarantine? Quarantine { get; }

    /// <summary>Ships the spool to the journal; null when there is nothing to ship, because they are one or there is no spool.</summary>
    Forwarder? Forwarder { get; }

    /// <summary>What this node's sources hold back.</summary>
    Horizon OwnHorizon { get; }

    /// <summary>Connects to the journal, waiting as long as it is not available.</summary>
    /// <exception cref="JournalUnusableException">Waiting would not help.</exception>
    Task ConnectAsync(CancellationToken cancel);

    /// <summary>The journal is there: the members below may be used.</summary>
    bool IsConnected { get; }

    /// <exception cref="JournalUnavailableException">Not connected yet; so for all below.</exception>
    IJournal Journal { get; }

    IDeliveries Deliveries { get; }

    /// <summary>The same deliveries as nodes share them; null for the embedded journal.</summary>
    ISharedDeliveries? Shared { get; }

    IReplays Replays { get; }

    IRetention Retention { get; }

    ILoginSlots LoginSlots { get; }

    /// <summary>What may still be on its way to the shards.</summary>
    IHorizon Horizon { get; }

    /// <summary>The members that share the journal; null for the embedded one.</summary>
    ICluster? Cluster { get; }
}
