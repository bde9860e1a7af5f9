namespace FtpActors.Ingest.Shipping;

/// <summary>What a shipper has to say of itself.</summary>
/// <param name="State"><c>starting</c>, <c>shipping</c> (also when there is nothing to ship), <c>waiting</c> (trouble, being tried again) or <c>stopped</c>.</param>
/// <param name="Trouble">What is wrong and the way out, null when nothing is.</param>
/// <param name="Shipped">Events that the handlers have confirmed since the start.</param>
/// <param name="LastError">The last trouble there was, also when it is over; null when there was none since the start.</param>
/// <param name="LastErrorAt">When that was.</param>
public sealed record ShipperStatus(string State, string? Trouble, long Shipped, string? LastError, DateTimeOffset? LastErrorAt);

/// <summary>What a shipper says of itself: written by its stream, read by any thread.</summary>
internal sealed class ShipperReport(TimeProvider time)
{
    private ShipperStatus _status = new("starting", null, 0, null, null);

    public ShipperStatus Status => Volatile.Read(ref _status);

    /// <returns>False when it was so before.</returns>
    public bool Shipping(int events)
    {
        var before = _status;
        Volatile.Write(ref _status, before with { State = "shipping", Trouble = null, Shipped = before.Shipped + events });
        return before.State != "shipping";
    }

    /// <returns>False when the same was said last.</returns>
    public bool Waiting(string trouble)
    {
        var before = _status;
        Volatile.Write(ref _status, before with { State = "waiting", Trouble = trouble, LastError = trouble, LastErrorAt = time.GetUtcNow() });
        return before.Trouble != trouble;
    }

    public void Stopped() => Volatile.Write(ref _status, _status with { State = "stopped", Trouble = null });
}
