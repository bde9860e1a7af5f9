namespace FtpActors.Actors;

/// <summary>Filters for sessions; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record SessionQuery
{
    /// <summary>Only open (true) or closed (false) ones.</summary>
    public bool? Open { get; init; }
    /// <summary>Last event at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Opened before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only this host.</summary>
    public string? Host { get; init; }
    /// <summary>Only what follows this place of the list: when a session opened, and its id.</summary>
    public (DateTimeOffset OpenedAt, string Id)? After { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}

/// <summary>What open sessions are counted by.</summary>
public enum SessionGroup
{
    /// <summary>Login name.</summary>
    User,
    /// <summary>FTP host.</summary>
    Host,
    /// <summary>The client.</summary>
    Remote,
}

/// <summary>Open sessions that have something in common.</summary>
/// <param name="Name">User, host or client.</param>
/// <param name="Sessions">How many there are.</param>
/// <param name="Uploading">Of these, receiving a file.</param>
/// <param name="Downloading">Of these, sending one.</param>
public sealed record OpenSessions(string Name, long Sessions, long Uploading, long Downloading);
