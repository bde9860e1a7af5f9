using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>An event that was applied.</summary>
/// <param name="Stored">The event.</param>
/// <param name="Session">Id of its session; null when it belongs to none (a refused login).</param>
internal readonly record struct AppliedEvent(StoredEvent Stored, string? Session);

/// <summary>What one journal row of a handler means for its sessions: steps for each, in order, and what the rules are asked about.</summary>
/// <param name="row">Sequence number of the row in the handler's journal.</param>
internal sealed class RowWork(long row)
{
    private readonly Dictionary<string, List<SessionStep>> _steps = new(StringComparer.Ordinal);

    /// <summary>Sequence number of the row.</summary>
    public long Row => row;

    /// <summary>Steps by id of session.</summary>
    public IReadOnlyDictionary<string, List<SessionStep>> Steps => _steps;

    /// <summary>Events that were applied, in that order.</summary>
    public List<AppliedEvent> Applied { get; } = [];

    /// <summary>Sessions that became known, with the event that began each, in order.</summary>
    public List<(OpenSession Session, StoredEvent First)> Began { get; } = [];

    /// <summary>Ids of the sessions that ended, in order.</summary>
    public List<string> Ended { get; } = [];

    /// <summary>Adds a step of a session.</summary>
    public void Add(OpenSession session, SessionStep step)
    {
        if (!_steps.TryGetValue(session.Id, out var steps))
            _steps.Add(session.Id, steps = []);
        steps.Add(step);
    }
}
