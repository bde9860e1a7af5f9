using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>Filters for events; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record EventQuery
{
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this kind.</summary>
    public EventKind? Kind { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only these paths.</summary>
    public string? Path { get; init; }
    /// <summary>Only what follows this event in the list.</summary>
    public (string Spool, long Seq)? After { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}
