namespace FtpActors.Journal;

/// <summary>The journal of a cluster: what many nodes share, on one server or on several.</summary>
public interface ISharedJournal : IJournal, ISpoolReceiver, IDeliveries, ISharedDeliveries, IReplays, IRetention, ICluster, ILoginSlots
{
    /// <summary>What may still be on its way, once somebody has subscribed. A spool that has said nothing for a day holds nothing back.</summary>
    IHorizon Horizon { get; }

    /// <summary>Its servers, as what a forwarder ships to: each takes a spool's events at its own pace, and a spool has arrived as far as the last of them.</summary>
    IReadOnlyList<ISpoolReceiver> Receivers { get; }
}
