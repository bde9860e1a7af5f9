using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>Who wants to log in, or has.</summary>
/// <param name="User">Login name, as <see cref="Protocol.ReversibleText"/>.</param>
/// <param name="Host">Name of the node at whose FTP server it happens.</param>
/// <param name="Remote">Address of the client.</param>
public sealed record LoginClaim(string User, string Host, string Remote)
{
    /// <summary>
    /// What slots are counted by: the name in lower case, so that <c>Alice</c> and <c>alice</c> are one user, as for Pure-FTPd's own limit, and a user
    /// store that ignores case cannot be used to get around a limit.
    /// </summary>
    public string UserKey => KeyOf(User);

    /// <summary>The <see cref="UserKey"/> of a user.</summary>
    public static string KeyOf(string user) => user.ToLowerInvariant();
}

/// <summary>How many sessions a user may have at once; null means as many as it likes.</summary>
/// <param name="Max">On all hosts together.</param>
/// <param name="MaxPerHost">At one host.</param>
/// <param name="MaxPerAddress">From one address, on all hosts together.</param>
public sealed record SlotLimits(int? Max, int? MaxPerHost, int? MaxPerAddress);

/// <summary>Which limit leaves no room.</summary>
public enum SlotLimit
{
    /// <summary><see cref="SlotLimits.Max"/>.</summary>
    Max,
    /// <summary><see cref="SlotLimits.MaxPerHost"/>.</summary>
    MaxPerHost,
    /// <summary><see cref="SlotLimits.MaxPerAddress"/>.</summary>
    MaxPerAddress,
}

/// <summary>Answer to a reservation: a slot, or the limit that is full.</summary>
/// <param name="Slot">Number of the slot; null when none was given.</param>
/// <param name="Full">The first limit that is full; null when a slot was given.</param>
public sealed record SlotAnswer(long? Slot, SlotLimit? Full);

/// <summary>A session that somebody is logged in to.</summary>
/// <param name="Claim">Whose it is.</param>
/// <param name="Session">The server's own id of it, unique on its host.</param>
public sealed record LoggedIn(LoginClaim Claim, string Session);

/// <summary>One session, or the reservation for one.</summary>
/// <param name="Id">Number, never used again.</param>
/// <param name="Claim">Whose it is.</param>
/// <param name="Session">The session it is for; null while it is a reservation.</param>
/// <param name="ReservedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops counting unless it is renewed.</param>
public sealed record LoginSlot(long Id, LoginClaim Claim, string? Session, DateTimeOffset ReservedAt, DateTimeOffset ExpiresAt);

/// <summary>
/// The count of sessions of each user over all hosts. A slot is reserved before a login, confirmed when the session is seen, renewed while it lives, and
/// released when it is gone; a slot that nobody renews stops counting by the store's own clock, so a host that is lost gives back what it had. Safe for
/// callers on any thread.
/// </summary>
public interface ILoginSlots
{
    /// <summary>Counts and reserves in one step: however many ask at once, from whatever host, a limit is never passed.</summary>
    /// <param name="claim">Who wants to log in.</param>
    /// <param name="limits">How many sessions the user may have, this one included.</param>
    /// <param name="lease">How long the slot counts unless it is renewed, or confirmed.</param>
    /// <param name="patience">How long the store may take. After that nothing is reserved, as far as the store can tell its server so.</param>
    /// <exception cref="JournalException">The store did not answer in that time, or cannot.</exception>
    Task<SlotAnswer> ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience);

    /// <summary>
    /// Gives every session its slot: the one it has; else the oldest reservation of its user, host and address; else a new one, whatever the limits, because
    /// the session is there (a login while nobody asked, or of before a reservation expired).
    /// </summary>
    /// <returns>The numbers of the slots, in the order of the sessions.</returns>
    /// <exception cref="JournalException">Nothing was stored.</exception>
    Task<IReadOnlyList<long>> ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease);

    /// <summary>Lets slots count for another lease from now, and removes what expired, of whatever host.</summary>
    /// <returns>Those of them that were still there; the sessions of the others need a new slot.</returns>
    /// <exception cref="JournalException">Nothing was stored.</exception>
    Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> slots, TimeSpan lease);

    /// <summary>Removes slots; those that are gone already are no error.</summary>
    /// <exception cref="JournalException">Nothing was stored.</exception>
    Task ReleaseAsync(IReadOnlyList<long> slots);

    /// <summary>The slots that count now, in the order of their numbers.</summary>
    /// <param name="user">Only of this user, in any case; null for all.</param>
    /// <exception cref="JournalException">The store cannot be read.</exception>
    Task<IReadOnlyList<LoginSlot>> ReadSlotsAsync(string? user);
}
