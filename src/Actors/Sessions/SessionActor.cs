using Akka.Actor;

namespace FtpActors.Actors.Sessions;

/// <summary>Steps of one session from one journal row of its handler.</summary>
/// <param name="Row">Sequence number of the row.</param>
/// <param name="Steps">The steps, in order.</param>
/// <param name="KeepFiles">Rules wait for the ends of sessions now.</param>
internal sealed record SessionWork(long Row, IReadOnlyList<SessionStep> Steps, bool KeepFiles) : INoSerializationVerificationNeeded;

/// <summary>What a session is after the steps of a row.</summary>
/// <param name="Row">Sequence number of the row.</param>
/// <param name="Snapshot">The session.</param>
internal sealed record SessionOutcome(long Row, SessionSnapshot Snapshot) : INoSerializationVerificationNeeded;

/// <summary>
/// One session, from login or first sight to its end, child of its handler. It keeps nothing durable itself: its handler's journal makes it anew.
/// </summary>
internal sealed class SessionActor : UntypedActor
{
    // Shared by all sessions that begin here: there may be a hundred thousand.
    private static readonly Props ForNew = Akka.Actor.Props.Create<SessionActor>();

    private Session? _session;

    /// <summary>Made by <see cref="Props()"/>.</summary>
    public SessionActor()
    {
    }

    /// <summary>Made by <see cref="Props(SessionSnapshot)"/>.</summary>
    public SessionActor(SessionSnapshot state) => _session = new Session(state);

    /// <summary>Of a session that begins with its first work.</summary>
    public static Props Props() => ForNew;

    /// <summary>Of a session that goes on from a state.</summary>
    public static Props Props(SessionSnapshot state) => Akka.Actor.Props.Create<SessionActor>(state);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not SessionWork work)
        {
            Unhandled(message);
            return;
        }
        _session = Session.Do(_session, work.Steps, work.KeepFiles);
        var state = _session.State;
        Context.Parent.Tell(new SessionOutcome(work.Row, state));
        if (state.Record.Ended is not null)
            Context.Stop(Self);
    }
}
