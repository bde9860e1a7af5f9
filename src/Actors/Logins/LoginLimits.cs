using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Logins;

/// <summary>How many sessions the users of a pattern may have.</summary>
/// <param name="User">Which users, in upper or lower case.</param>
/// <param name="Limits">How many each of them may have at once.</param>
public sealed record LoginLimit(Glob User, SlotLimits Limits);

/// <summary>The limits of a site. The first one whose pattern fits a user counts, also when it allows any number: so exceptions stand first.</summary>
/// <param name="All">The limits, in their order.</param>
public sealed record LoginLimits(IReadOnlyList<LoginLimit> All)
{
    /// <summary>The limits of a user; null when it may have any number of sessions.</summary>
    public SlotLimits? Of(string user) =>
        All.FirstOrDefault(limit => limit.User.IsMatch(user))?.Limits is { } limits && limits != new SlotLimits(null, null, null) ? limits : null;
}
