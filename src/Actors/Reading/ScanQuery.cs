using FtpActors.Protocol;

namespace FtpActors.Actors.Reading;

/// <summary>What a scan looks for; null means any.</summary>
public sealed record ScanQuery
{
    /// <summary>Only these kinds.</summary>
    public IReadOnlySet<EventKind>? Kinds { get; init; }
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A part of a scan.</summary>
/// <param name="Row">Everything up to and including this row was looked at.</param>
/// <param name="Read">Events looked at in this part.</param>
/// <param name="Events">Those that fit, in the order of the row.</param>
public sealed record ScanPage(long Row, int Read, IReadOnlyList<StoredEvent> Events);
