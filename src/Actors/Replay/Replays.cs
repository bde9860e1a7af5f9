using Akka.Actor;
using FtpActors.Protocol;

namespace FtpActors.Actors.Replay;

/// <summary>The stored replays, for those who are no actors.</summary>
/// <param name="actor">A <see cref="ReplaysActor"/>.</param>
public sealed class Replays(IActorRef actor)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Stores a replay, or what it is now.</summary>
    /// <exception cref="JournalUnavailableException">It is not known to be stored.</exception>
    public Task PutAsync(ReplayRecord record) => AskAsync<ReplayRecord>(new PutReplay(record));

    /// <summary>One replay, null when there is none of that id.</summary>
    /// <exception cref="JournalUnavailableException">It cannot be asked.</exception>
    public async Task<ReplayRecord?> ReadAsync(string id) => (await ListAsync().ConfigureAwait(false)).FirstOrDefault(r => r.Id == id);

    /// <summary>All replays, oldest first.</summary>
    /// <exception cref="JournalUnavailableException">They cannot be asked.</exception>
    public async Task<IReadOnlyList<ReplayRecord>> ListAsync() => (await AskAsync<ReplaysRead>(new AskReplays()).ConfigureAwait(false)).Records;

    private async Task<T> AskAsync<T>(object message)
    {
        try
        {
            return await actor.Ask<T>(message, Patience).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException("The journal of the replays does not answer: it recovers, or cannot be written; the log says which.", e);
        }
    }
}
