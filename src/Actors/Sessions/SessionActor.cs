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
    private static readonly Props ForNew = Akka.Actor.Props.Create<SessionActor>().WithMailbox(SessionMailbox.Id);

    // What its handler holds, too: between two messages a session is nothing else.
    private SessionSnapshot? _state;

    /// <summary>Made by <see cref="Props()"/>.</summary>
    public SessionActor()
    {
    }

    /// <summary>Made by <see cref="Props(SessionSnapshot)"/>.</summary>
    public SessionActor(SessionSnapshot state) => _state = state;

    /// <summary>Of a session that begins with its first work.</summary>
    public static Props Props() => ForNew;

    /// <summary>Of a session that goes on from a state.</summary>
    public static Props Props(SessionSnapshot state) => Akka.Actor.Props.Create<SessionActor>(state).WithMailbox(SessionMailbox.Id);

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not SessionWork work)
        {
            Unhandled(message);
            return;
        }
        _state = Session.Do(_state, work.Steps, work.KeepFiles);
        Context.Parent.Tell(new SessionOutcome(work.Row, _state));
        if (_state.Record.Ended is not null)
            Context.Stop(Self);
    }
}
