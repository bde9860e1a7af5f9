namespace FtpActors.Actors.Deliveries;

/// <summary>How a node makes deliveries.</summary>
public sealed record DeliveryOptions
{
    /// <summary>Name of this node, which is also the FTP host whose files it has.</summary>
    public required string Node { get; init; }

    /// <summary>How long a stop waits for running actions before it ends them; they run again after the next start. Default 10 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
}
