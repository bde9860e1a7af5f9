using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>One thing that a session has to do.</summary>
internal abstract record SessionStep
{
    private SessionStep()
    {
    }

    /// <summary>It begins with this event, which is applied next.</summary>
    internal sealed record Begin(StoredEvent First, string Id, SessionKey Key) : SessionStep;

    /// <summary>The next event of it.</summary>
    internal sealed record Apply(StoredEvent Stored) : SessionStep;

    /// <summary>Another session of the same identity is open beside it: its events may be the other's.</summary>
    internal sealed record Doubt : SessionStep
    {
        public static Doubt Instance { get; } = new();
    }

    /// <summary>It ends without an event of its own.</summary>
    internal sealed record End(DateTimeOffset At, SessionEnded How) : SessionStep;
}
