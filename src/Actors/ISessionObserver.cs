using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>Is told what happens to the sessions of a shard, on the shard's loop, in order.</summary>
internal interface ISessionObserver
{
    /// <summary>A session became known; its first event is applied next.</summary>
    void Began(SessionActor session);

    /// <summary>An event was applied; <paramref name="session"/> is null when it belongs to none (a refused login).</summary>
    void Applied(SessionActor? session, StoredEvent stored);

    /// <summary>A session ended.</summary>
    void Ended(SessionActor session);
}
