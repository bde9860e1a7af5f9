namespace FtpActors.Actors.Replay;

/// <summary>Where a replay stands.</summary>
public enum ReplayState
{
    /// <summary>Under way, or interrupted: it goes on from its places.</summary>
    Running,
    /// <summary>It has come to its end.</summary>
    Done,
    /// <summary>A person stopped it.</summary>
    Stopped,
}

/// <summary>A stored replay. How far it has come is in the journals of the handlers, together with what it made there.</summary>
/// <param name="Id">Its id; also in <see cref="NewDelivery.Replay"/>.</param>
/// <param name="Parameters">What was asked for, as JSON.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Read">Events looked at, when it came to its end or was stopped.</param>
/// <param name="Matched">Matches of rules, likewise.</param>
/// <param name="Made">Deliveries made, likewise.</param>
public sealed record ReplayRecord(string Id, string Parameters, ReplayState State, DateTimeOffset CreatedAt, long Read, long Matched, long Made);
