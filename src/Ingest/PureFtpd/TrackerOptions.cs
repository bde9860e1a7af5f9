namespace FtpActors.Ingest.PureFtpd;

/// <summary>What the tracker must know of its source.</summary>
internal sealed record TrackerOptions
{
    public required string Host { get; init; }
    public required string Source { get; init; }
    public bool HasPipe { get; init; }
    public bool HasScoreboard { get; init; }
    public bool HasAltlog { get; init; }
    /// <summary>How long a transfer that is over waits for the inputs that have not spoken.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>How often a running transfer is told.</summary>
    public TimeSpan Progress { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>See <see cref="PureFtpdOptions.TrustEnd"/>.</summary>
    public bool TrustEnd { get; init; }
}

/// <summary>What the inputs say at one step; the records and lines were read after the scoreboard, so they have all that came before what it shows.</summary>
/// <param name="Now">The time of the step.</param>
internal sealed record TrackerInput(DateTimeOffset Now)
{
    /// <summary>Null when nobody looked.</summary>
    public ScoreboardReading? Reading { get; init; }
    public IReadOnlyList<UploadNotice> Records { get; init; } = [];
    public IReadOnlyList<LineNotice> Lines { get; init; } = [];
    /// <summary>The log has more lines than these: that one is missing says nothing yet.</summary>
    public bool IsLogBehind { get; init; }
}
