using Akka.Actor;

namespace FtpActors.Actors.Handlers;

/// <summary>A snapshot of a handler cannot be read: it is made anew from the one before it, or from its rows.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Row">The row of the snapshot.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record SnapshotIsDamaged(int Handler, long Row, string Reason) : INoSerializationVerificationNeeded;
