using Akka.Actor;

namespace FtpActors.Actors.Logins;

/// <summary>Counts and reserves; answered with <see cref="SlotAnswer"/>.</summary>
internal sealed record ReserveSlot(LoginClaim Claim, SlotLimits Limits, TimeSpan Lease) : INoSerializationVerificationNeeded;

/// <summary>Gives sessions their slots; answered with <see cref="SlotNumbers"/> in their order.</summary>
internal sealed record ConfirmSlots(IReadOnlyList<LoggedIn> Sessions, TimeSpan Lease) : INoSerializationVerificationNeeded;

/// <summary>Another lease; answered with the <see cref="SlotNumbers"/> that were still there.</summary>
internal sealed record RenewSlots(IReadOnlyList<long> Slots, TimeSpan Lease) : INoSerializationVerificationNeeded;

/// <summary>Gives slots back; answered with the <see cref="SlotNumbers"/> that were there.</summary>
internal sealed record ReleaseSlots(IReadOnlyList<long> Slots) : INoSerializationVerificationNeeded;

/// <summary>Numbers of slots.</summary>
internal sealed record SlotNumbers(IReadOnlyList<long> Slots) : INoSerializationVerificationNeeded;

/// <summary>Asks for the slots that count; answered with <see cref="SlotsRead"/>.</summary>
internal sealed record AskSlots(string? User) : INoSerializationVerificationNeeded;

/// <summary>Slots.</summary>
internal sealed record SlotsRead(IReadOnlyList<LoginSlot> Slots) : INoSerializationVerificationNeeded;
