namespace FtpActors.Ingest.PureFtpd;

/// <summary>What a tracker must know of the one before it.</summary>
internal sealed record TrackerMemory
{
    /// <summary>Whether the scoreboard was ever read: whoever is there and is not known has logged in since.</summary>
    public bool HasLooked { get; init; }
    /// <summary>Sessions that are logged in.</summary>
    public IReadOnlyList<TrackedSession> Sessions { get; init; } = [];
    /// <summary>Transfers that were not told yet.</summary>
    public IReadOnlyList<PendingTransfer> Pending { get; init; } = [];
}
