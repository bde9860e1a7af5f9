using Akka.Actor;

namespace FtpActors.Actors.History;

/// <summary>An item's transaction has committed. Items of one handler are told in their order.</summary>
/// <param name="Handler">Number of the handler.</param>
/// <param name="Row">Sequence number of its journal row.</param>
public sealed record HistoryWritten(int Handler, long Row) : INoSerializationVerificationNeeded;

/// <summary>
/// The one way of a node's handlers into its history: what waits while a transaction runs is the next transaction. A write that fails is tried
/// again until it succeeds; nothing is left out or overtaken.
/// </summary>
public sealed class HistoryWriter : IAsyncDisposable
{
    /// <summary>Begins to write.</summary>
    /// <param name="system">Runs the stream.</param>
    /// <param name="database">Where to. It is not closed with the writer.</param>
    public HistoryWriter(ActorSystem system, HistoryDatabase database) => throw new NotImplementedException();

    /// <summary>Why nothing can be written at the moment, for a person; null when all is well.</summary>
    public string? Trouble => throw new NotImplementedException();

    /// <summary>
    /// Hands an item over. An actor need not wait for the task: calls keep their order, and its count of items that were not yet told as
    /// <see cref="HistoryWritten"/> bounds what it has here.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="told">Told <see cref="HistoryWritten"/> when it is durable.</param>
    /// <returns>Ends when the item's transaction has committed.</returns>
    /// <exception cref="InvalidOperationException">The writer was stopped before the item was written.</exception>
    public Task OfferAsync(HistoryItem item, IActorRef? told = null) => throw new NotImplementedException();

    /// <summary>Writes everything that was offered, and ends.</summary>
    /// <param name="giveUp">Ends it at once; what was not written is made again from the journal.</param>
    public Task StopAsync(CancellationToken giveUp = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync());
}
