using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Actors.Logins;

/// <summary>Why a login was answered as it was.</summary>
public enum LoginReason
{
    /// <summary>The user may have any number of sessions.</summary>
    NoLimit,
    /// <summary>There was room: a slot is reserved.</summary>
    Reserved,
    /// <summary>A limit is full.</summary>
    Full,
    /// <summary>No decision in time, or none possible; let through, as the setting says.</summary>
    FailedOpen,
    /// <summary>No decision in time, or none possible; refused, as the setting says.</summary>
    FailedClosed,
    /// <summary>The own check accepted it.</summary>
    CheckAccepted,
    /// <summary>The own check refused it.</summary>
    CheckRefused,
}

/// <summary>What a login is answered.</summary>
/// <param name="Reply">For the server.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">More of it for a person, without a password; null when there is nothing to add.</param>
/// <param name="Took">From the request to the answer, without the own check.</param>
public sealed record LoginAnswer(AuthReply Reply, LoginReason Reason, string? Detail, TimeSpan Took);
