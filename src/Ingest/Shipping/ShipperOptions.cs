namespace FtpActors.Ingest.Shipping;

/// <summary>Settings of a shipper.</summary>
public sealed record ShipperOptions
{
    /// <summary>Name of the host whose events are in the spool.</summary>
    public required string Host { get; init; }

    /// <summary>Number of handlers.</summary>
    public required int Handlers { get; init; }

    /// <summary>Shipments on their way at a time. Default 8.</summary>
    public int InFlight { get; init; } = 8;

    /// <summary>How long a handler may take to answer. Default 10 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
