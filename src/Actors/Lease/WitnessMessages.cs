using Akka.Actor;

namespace FtpActors.Actors.Lease;

/// <summary>How the witness works.</summary>
/// <param name="Connection">Npgsql's connection string.</param>
/// <param name="Limit">How long a node may be silent before the server frees its lock.</param>
/// <param name="Interval">How often to look.</param>
public sealed record WitnessOptions(string Connection, TimeSpan Limit, TimeSpan Interval);

/// <summary>Published on the event stream, once: this node's lock is gone, or may be; others may have its handlers.</summary>
/// <param name="Reason">Why, for a person.</param>
public sealed record WitnessLost(string Reason) : INoSerializationVerificationNeeded;
