using FtpActors.Protocol;

namespace FtpActors.Actors.Sessions;

/// <summary>What a handler knows of an open session without asking its actor: enough to find it, and to know when it has been silent too long.</summary>
internal sealed class OpenSession(string id, SessionKey key, DateTimeOffset lastAt)
{
    /// <summary>Spool id and seq of the event that began it, joined by '-'.</summary>
    public string Id => id;

    /// <summary>Whose it is.</summary>
    public SessionKey Key => key;

    /// <summary>When its last event was received.</summary>
    public DateTimeOffset LastAt { get; set; } = lastAt;

    /// <summary>The next older open session of the same key, null mostly.</summary>
    public OpenSession? Older { get; set; }
}
