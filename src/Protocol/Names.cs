using System.Collections.Frozen;

namespace FtpActors.Protocol;

/// <summary>The words for kinds, statuses and flags in JSON, SQL and on the command line: lower snake case.</summary>
public static class Names
{
    private static readonly string[] Kinds =
        ["login", "login_failed", "logout", "upload", "download", "list", "delete", "mkdir", "rmdir", "rename", "symlink", "chmod", "other", "progress"];

    private static readonly string[] Statuses = ["unknown", "ok", "aborted", "incomplete", "failed", "denied", "not_found"];

    private static readonly (EventFlags Flag, string Name)[] FlagNames =
    [
        (EventFlags.LengthMismatch, "length_mismatch"),
        (EventFlags.Truncated, "truncated"),
        (EventFlags.Short, "short"),
        (EventFlags.ExtraFields, "extra_fields"),
        (EventFlags.BadNumber, "bad_number"),
        (EventFlags.UnknownType, "unknown_type"),
        (EventFlags.UnknownStatus, "unknown_status"),
        (EventFlags.Ambiguous, "ambiguous"),
        (EventFlags.EmbeddedNul, "embedded_nul"),
        (EventFlags.BufferTruncated, "buffer_truncated"),
        (EventFlags.ServerRestart, "server_restart"),
        (EventFlags.Temporary, "temporary"),
        (EventFlags.RelativePath, "relative_path"),
        (EventFlags.Late, "late"),
    ];

    private static readonly FrozenDictionary<string, EventKind> KindByName =
        Kinds.Select((name, i) => (name, (EventKind)i)).ToFrozenDictionary(p => p.name, p => p.Item2, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, EventStatus> StatusByName =
        Statuses.Select((name, i) => (name, (EventStatus)i)).ToFrozenDictionary(p => p.name, p => p.Item2, StringComparer.Ordinal);

    /// <summary>All kinds, for help texts and validation.</summary>
    public static IReadOnlyList<string> AllKinds => Kinds;

    /// <summary>All statuses, for help texts and validation.</summary>
    public static IReadOnlyList<string> AllStatuses => Statuses;

    /// <summary>The word for a kind.</summary>
    public static string Of(EventKind kind) => Kinds[(int)kind];

    /// <summary>The word for a status.</summary>
    public static string Of(EventStatus status) => Statuses[(int)status];

    /// <summary>The words for all flags that are set.</summary>
    public static IEnumerable<string> Of(EventFlags flags) => FlagNames.Where(f => flags.HasFlag(f.Flag)).Select(f => f.Name);

    /// <summary>The kind for a word; false when there is none.</summary>
    public static bool TryKind(string name, out EventKind kind) => KindByName.TryGetValue(name, out kind);

    /// <summary>The status for a word; false when there is none.</summary>
    public static bool TryStatus(string name, out EventStatus status) => StatusByName.TryGetValue(name, out status);

    /// <summary>The flag for a word; <see cref="EventFlags.None"/> when there is none (a newer node may write more).</summary>
    public static EventFlags Flag(string name) => Array.Find(FlagNames, f => f.Name == name).Flag;
}
