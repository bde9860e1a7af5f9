using Akka.Actor;
using FtpActors.Actors.Handlers;

namespace FtpActors.Actors.Deliveries;

/// <summary>A try of a delivery ended; its handler makes that durable and answers with <see cref="TryStored"/>.</summary>
/// <param name="Fact">What changed.</param>
internal sealed record TryEnded(DeliveryTried Fact) : INoSerializationVerificationNeeded;

/// <summary>A try is durable.</summary>
/// <param name="Next">The delivery when it goes on with the next action at once; null when it does not.</param>
internal sealed record TryStored(OwedDelivery? Next) : INoSerializationVerificationNeeded;

/// <summary>The host that a delivery is for is away: it waits there, without a try that counts, until the host is back.</summary>
/// <param name="Id">The delivery.</param>
internal sealed record HostIsAway(long Id) : INoSerializationVerificationNeeded;

/// <summary>The facts of a delivery, from the history.</summary>
/// <param name="Record">The delivery; null when the history does not have it (yet).</param>
internal sealed record FactsRead(DeliveryRecord? Record) : INoSerializationVerificationNeeded;
