namespace FtpActors.Actors.Logins;

/// <summary>A message for one slice of the login slots, wherever that lives.</summary>
public interface IForLogins
{
    /// <summary>Number of the slice, from 0.</summary>
    int Slice { get; }
}

/// <summary>Counts and reserves; answered with <see cref="SlotAnswer"/>.</summary>
internal sealed record ReserveSlot(int Slice, LoginClaim Claim, SlotLimits Limits, TimeSpan Lease) : IForLogins;

/// <summary>Gives sessions their slots; answered with <see cref="SlotNumbers"/> in their order.</summary>
internal sealed record ConfirmSlots(int Slice, IReadOnlyList<LoggedIn> Sessions, TimeSpan Lease) : IForLogins;

/// <summary>Another lease; answered with the <see cref="SlotNumbers"/> that were still there.</summary>
internal sealed record RenewSlots(int Slice, IReadOnlyList<long> Slots, TimeSpan Lease) : IForLogins;

/// <summary>Gives slots back; answered with the <see cref="SlotNumbers"/> that were there.</summary>
internal sealed record ReleaseSlots(int Slice, IReadOnlyList<long> Slots) : IForLogins;

/// <summary>Numbers of slots.</summary>
internal sealed record SlotNumbers(IReadOnlyList<long> Slots);

/// <summary>Asks for the slots that count; answered with <see cref="SlotsRead"/>.</summary>
internal sealed record AskSlots(int Slice, string? User) : IForLogins;

/// <summary>Slots.</summary>
internal sealed record SlotsRead(IReadOnlyList<LoginSlot> Slots);

/// <summary>In the place of an answer: nothing was stored.</summary>
/// <param name="Reason">Why, for a person.</param>
internal sealed record SlotsRefused(string Reason);
