namespace FtpActors.Ingest.Forwarding;

/// <summary>Settings of a forwarder.</summary>
public sealed record ForwarderOptions
{
    /// <summary>
    /// How long an event stays in the spool after the journal has confirmed it. A primary that fails over to an asynchronous standby may lose its
    /// last seconds: they are shipped again from here. Default 10 minutes.
    /// </summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most events of one append. Default 2,000.</summary>
    public int BatchEvents { get; init; } = 2000;

    /// <summary>How long a stop goes on shipping what is left. Default 10 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
}
