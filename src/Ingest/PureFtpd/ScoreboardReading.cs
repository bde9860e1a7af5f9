using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>What the scoreboard says at one moment.</summary>
/// <param name="Sessions">The sessions whose process lives, in no order. Somebody may not be logged in yet: see <see cref="ScoreboardEntry.IsLoggedIn"/>.</param>
/// <param name="Trouble">
/// Why the folder could not be read, for a person; null when it could. With trouble nothing is known, least of all that a session ended. A folder that is not there
/// is no trouble: the server makes it for its first client.
/// </param>
/// <param name="Refused">Files that are no entry of any known build: name and why. The server's sessions behind them are not seen.</param>
public sealed record ScoreboardReading(IReadOnlyList<ScoreboardEntry> Sessions, string? Trouble, IReadOnlyList<string> Refused)
{
    /// <summary>
    /// The last words of sessions that ended since the reading before: their files are gone, but were held open. <see cref="ScoreboardState.Free"/> unless the
    /// session was killed, and with the sizes of their last transfer.
    /// </summary>
    internal IReadOnlyList<ScoreboardEntry> Ended { get; init; } = [];

    /// <summary>A file says nothing yet: the server makes it and then fills it, and of the second no notice comes.</summary>
    internal bool HasUnfilled { get; init; }
}
