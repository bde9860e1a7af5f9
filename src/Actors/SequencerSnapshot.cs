using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>A message that a sequencer remembers.</summary>
/// <param name="Spool">Id of the spool it came from.</param>
/// <param name="Fingerprint">Its digest.</param>
/// <param name="Expiry">Until when an identical one is a duplicate.</param>
/// <param name="IsLong">It carries a time of its own.</param>
internal readonly record struct RememberedMessage(string Spool, string Fingerprint, DateTimeOffset Expiry, bool IsLong);

/// <summary>All that a sequencer is between two events.</summary>
/// <param name="Held">Events that wait, those of one session in the order they came.</param>
/// <param name="Remembered">Messages whose duplicates it would know.</param>
internal sealed record SequencerSnapshot(IReadOnlyList<StoredEvent> Held, IReadOnlyList<RememberedMessage> Remembered)
{
    /// <summary>Nothing.</summary>
    public static SequencerSnapshot Empty { get; } = new([], []);
}
