using Akka.Actor;

namespace FtpActors.Actors.Handlers;

/// <summary>The history has more rows of a handler than its journal: some were lost (a write-ahead log that is gone, a file from the past).</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Row">The last row of its journal.</param>
/// <param name="History">The last row that the history has.</param>
internal sealed record HistoryIsAhead(int Handler, long Row, long History) : INoSerializationVerificationNeeded;

/// <summary>The history lacks rows of a handler that no snapshot is old enough for, and the journal does not begin at the first row any more.</summary>
/// <param name="Handler">The handler.</param>
internal sealed record HistoryIsBehind(int Handler) : INoSerializationVerificationNeeded;
