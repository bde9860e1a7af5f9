using FtpActors.Actors.Actions;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// Asks the node of a host for one try of an action there, by that node's own rules: answered with <see cref="HostBegan"/> at once and <see cref="HostRan"/> at the end. The same
/// again is the same try: who got no answer asks again.
/// </summary>
/// <param name="Delivery">What is owed.</param>
/// <param name="Step">Index of the action.</param>
/// <param name="Attempt">Number of the try of that action, from 1.</param>
/// <param name="Tries">Tries of the delivery before it; with the key it tells one try from every other one.</param>
public sealed record RunOnHost(NewDelivery Delivery, int Step, int Attempt, int Tries);

/// <summary>The try of a delivery is under way.</summary>
/// <param name="Key">Key of the delivery.</param>
/// <param name="Tries">Of <see cref="RunOnHost"/>.</param>
public sealed record HostBegan(string Key, int Tries);

/// <summary>The try of a delivery has ended.</summary>
/// <param name="Key">Key of the delivery.</param>
/// <param name="Tries">Of <see cref="RunOnHost"/>.</param>
/// <param name="Outcome">How it went.</param>
public sealed record HostRan(string Key, int Tries, ActionOutcome Outcome);
