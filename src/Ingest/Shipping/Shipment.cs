using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Ingest.Shipping;

/// <summary>Rows of a spool that are shipped together.</summary>
/// <param name="Row">The last of them.</param>
/// <param name="Seq">Seq of the last event up to it.</param>
/// <param name="Events">Their events.</param>
/// <param name="Horizon">Everything received before this time is in these rows or earlier ones; null when that is not known.</param>
internal sealed record Shipment(long Row, long Seq, IReadOnlyList<StoredEvent> Events, DateTimeOffset? Horizon);

/// <summary>A shipment as its handlers get it.</summary>
/// <param name="Whole">The shipment.</param>
/// <param name="Parts">What each handler gets; those without events only hear of the horizon.</param>
internal sealed record SplitShipment(Shipment Whole, IReadOnlyList<TakeEvents> Parts);

/// <summary>A handler did not take what was shipped to it: it stands elsewhere.</summary>
internal sealed class ShipmentRefusedException(string message) : Exception(message);

/// <summary>
/// Which handler gets which events: by the stable hash of the session's key; the restart of a server goes to all. Remembers what each was sent last, so that a handler
/// sees a gap. One for each run of a shipper's stream.
/// </summary>
/// <param name="spool">Id of the spool.</param>
/// <param name="host">Name of its host.</param>
/// <param name="stands">Where each handler stands in it.</param>
internal sealed class ShipmentSplitter(string spool, string host, IReadOnlyList<long> stands)
{
    private readonly long[] _sent = [.. stands];

    /// <summary>Splits the next shipment; what a handler has already is left out.</summary>
    public SplitShipment Split(Shipment shipment)
    {
        var events = new List<StoredEvent>[_sent.Length];
        for (var i = 0; i < events.Length; i++)
            events[i] = [];
        foreach (var stored in shipment.Events)
        {
            if ((stored.Event.Flags & EventFlags.ServerRestart) == 0)
                events[SessionKey.Of(stored.Event).Shard(events.Length)].Add(stored);
            else
                Array.ForEach(events, e => e.Add(stored));
        }
        var parts = new List<TakeEvents>(events.Length);
        for (var handler = 0; handler < events.Length; handler++)
        {
            var previous = _sent[handler];
            var fresh = events[handler].Count == 0 || events[handler][0].Seq > previous ? events[handler] : [.. events[handler].Where(e => e.Seq > previous)];
            if (fresh.Count > 0)
                _sent[handler] = fresh[^1].Seq;
            if (fresh.Count > 0 || shipment.Horizon is not null)
                parts.Add(new TakeEvents(handler, spool, host, previous, fresh, shipment.Horizon));
        }
        return new SplitShipment(shipment, parts);
    }
}
