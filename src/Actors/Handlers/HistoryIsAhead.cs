using Akka.Actor;

namespace FtpActors.Actors.Handlers;

/// <summary>The history has more rows of a handler than its journal: some were lost (a write-ahead log that is gone, a file from the past).</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Row">The last row of its journal.</param>
internal sealed record HistoryIsAhead(int Handler, long Row) : INoSerializationVerificationNeeded;
