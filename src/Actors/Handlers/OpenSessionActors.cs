using Akka.Actor;
using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// The actors of a handler's open sessions, and the last that each of them told: what a snapshot of the handler holds, taken when no answer is outstanding.
/// </summary>
/// <param name="actors">Makes them.</param>
internal sealed class OpenSessionActors(IActorRefFactory actors)
{
    // The actors' names are made: a name may not be used again before its old actor is gone.
    private readonly Dictionary<string, Child> _children = new(StringComparer.Ordinal);

    /// <summary>The open sessions as they are, in the order they opened.</summary>
    public IReadOnlyList<SessionSnapshot> Snapshots => [.. _children.Values.Select(c => c.Last!).OrderBy(s => s.Record.OpenedAt)];

    /// <summary>Makes the actor of a session that is open already.</summary>
    public void Restore(SessionSnapshot snapshot) =>
        _children.Add(snapshot.Record.Id, new Child(actors.ActorOf(Sessions.SessionActor.Props(snapshot))) { Last = snapshot });

    /// <summary>Tells each session what a row means for it; each answers with a <see cref="SessionOutcome"/>.</summary>
    public void Tell(RowWork work, bool keepFiles)
    {
        foreach (var (id, steps) in work.Steps)
        {
            if (!_children.TryGetValue(id, out var child))
                _children.Add(id, child = new Child(actors.ActorOf(Sessions.SessionActor.Props())));
            child.Actor.Tell(new SessionWork(work.Row, steps, keepFiles));
        }
        // Nothing more will be told to them.
        foreach (var id in work.Ended)
            _children.Remove(id);
    }

    /// <summary>A session has answered.</summary>
    public void Told(SessionSnapshot snapshot)
    {
        if (_children.TryGetValue(snapshot.Record.Id, out var child))
            child.Last = snapshot;
    }

    private sealed class Child(IActorRef actor)
    {
        public IActorRef Actor => actor;

        public SessionSnapshot? Last { get; set; }
    }
}
