using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>What a rule can wait for: the kinds of events, under their own numbers, and what the node itself has to tell.</summary>
public enum TriggerKind
{
    /// <summary>See <see cref="EventKind.Login"/>.</summary>
    Login = EventKind.Login,
    /// <summary>See <see cref="EventKind.LoginFailed"/>.</summary>
    LoginFailed = EventKind.LoginFailed,
    /// <summary>See <see cref="EventKind.Logout"/>.</summary>
    Logout = EventKind.Logout,
    /// <summary>See <see cref="EventKind.Upload"/>.</summary>
    Upload = EventKind.Upload,
    /// <summary>See <see cref="EventKind.Download"/>.</summary>
    Download = EventKind.Download,
    /// <summary>See <see cref="EventKind.List"/>.</summary>
    List = EventKind.List,
    /// <summary>See <see cref="EventKind.Delete"/>.</summary>
    Delete = EventKind.Delete,
    /// <summary>See <see cref="EventKind.Mkdir"/>.</summary>
    Mkdir = EventKind.Mkdir,
    /// <summary>See <see cref="EventKind.Rmdir"/>.</summary>
    Rmdir = EventKind.Rmdir,
    /// <summary>See <see cref="EventKind.Rename"/>.</summary>
    Rename = EventKind.Rename,
    /// <summary>See <see cref="EventKind.Symlink"/>.</summary>
    Symlink = EventKind.Symlink,
    /// <summary>See <see cref="EventKind.Chmod"/>.</summary>
    Chmod = EventKind.Chmod,
    /// <summary>See <see cref="EventKind.Other"/>.</summary>
    Other = EventKind.Other,
    /// <summary>See <see cref="EventKind.Progress"/>.</summary>
    Progress = EventKind.Progress,
    /// <summary>A session became known.</summary>
    SessionStart,
    /// <summary>A session ended; its files come with it.</summary>
    SessionEnd,
    /// <summary>The node is further behind than its limit.</summary>
    BacklogHigh,
    /// <summary>A delivery failed for the last time. Dead letters of rules that wait for this are not told, or they would never end.</summary>
    DeadLetter,
}

/// <summary>The words for triggers in rules and in JSON.</summary>
public static class TriggerNames
{
    /// <summary>All words, in the order of <see cref="TriggerKind"/>.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.AllKinds, "session_start", "session_end", "backlog_high", "dead_letter"];

    /// <summary>The word for a trigger.</summary>
    public static string Of(TriggerKind kind) => All[(int)kind];
}
