using System.Collections.Immutable;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Rules;

/// <summary>Where a rule's actions run.</summary>
public enum RulePlace
{
    /// <summary>On the node that owns the shard.</summary>
    Handler,
    /// <summary>On the node on the FTP host, where the file is.</summary>
    OnHost,
}

/// <summary>In what order a rule's deliveries run.</summary>
public enum RuleOrder
{
    /// <summary>One after the other within a session; sessions in parallel.</summary>
    Session,
    /// <summary>All in parallel.</summary>
    None,
}

/// <summary>A file of a session, as the end of the session tells it.</summary>
/// <param name="Kind">Upload or download.</param>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Bytes transferred, null when unknown.</param>
/// <param name="Status">How it went.</param>
/// <param name="Time">When, by the server's account or ours.</param>
public sealed record SessionFile(EventKind Kind, string Path, long? Bytes, EventStatus Status, DateTimeOffset Time)
{
    /// <summary>The file of a transfer; null when the event is none or names no file.</summary>
    public static SessionFile? Of(FtpEvent e) => e is { Kind: EventKind.Upload or EventKind.Download, Path: { } path }
        ? new SessionFile(e.Kind, path, e.Bytes, e.Status, e.Time ?? e.ReceivedAt)
        : null;

    /// <summary>Adds the file of a transfer; one that has its final name now takes the place of the temporary one.</summary>
    public static ImmutableList<SessionFile> Add(ImmutableList<SessionFile> files, FtpEvent e)
    {
        if (Of(e) is not { } file)
            return files;
        var temporary = e.PathFrom is { } from ? files.FindLastIndex(f => f.Kind == EventKind.Upload && f.Path == from) : -1;
        return temporary >= 0 ? files.SetItem(temporary, file) : files.Add(file);
    }

    /// <summary>The same in place.</summary>
    public static void Add(List<SessionFile> files, FtpEvent e)
    {
        if (Of(e) is not { } file)
            return;
        var temporary = e.PathFrom is { } from ? files.FindLastIndex(f => f.Kind == EventKind.Upload && f.Path == from) : -1;
        if (temporary >= 0)
            files[temporary] = file;
        else
            files.Add(file);
    }
}

/// <summary>
/// One rule, checked. All conditions that are given must hold; an empty list is no condition; one entry of a list is enough.
/// For <c>session_end</c> the conditions on status, path and bytes pick the files: the rule fires when there are none of these conditions
/// or when at least one file fits, and the actions see the files that fit.
/// </summary>
public sealed record Rule
{
    private readonly int _statuses;
    private readonly IReadOnlyList<EventStatus> _status = [];

    /// <summary>Unique name, letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }
    /// <summary>What it waits for.</summary>
    public required IReadOnlyList<TriggerKind> On { get; init; }
    /// <summary>How the operation must have gone.</summary>
    public IReadOnlyList<EventStatus> Status
    {
        get => _status;
        init
        {
            _status = value;
            _statuses = value.Aggregate(0, (all, s) => all | 1 << (int)s);
        }
    }
    /// <summary>Paths; for a rename the old or the new one.</summary>
    public IReadOnlyList<Glob> Path { get; init; } = [];
    /// <summary>Users.</summary>
    public IReadOnlyList<Glob> User { get; init; } = [];
    /// <summary>Users that do not count.</summary>
    public IReadOnlyList<Glob> NotUser { get; init; } = [];
    /// <summary>Services.</summary>
    public IReadOnlyList<Glob> Service { get; init; } = [];
    /// <summary>FTP hosts.</summary>
    public IReadOnlyList<Glob> Host { get; init; } = [];
    /// <summary>Fewest bytes transferred; an unknown number does not fit.</summary>
    public long? MinBytes { get; init; }
    /// <summary>Most bytes transferred; an unknown number does not fit.</summary>
    public long? MaxBytes { get; init; }
    /// <summary>Where the actions run.</summary>
    public RulePlace Where { get; init; }
    /// <summary>In what order.</summary>
    public RuleOrder Order { get; init; }
    /// <summary>What must hold of an upload before anything is done; null for nothing.</summary>
    public ValidAction? Valid { get; init; }
    /// <summary>What is done, one after the other; a retry resumes at the one that failed.</summary>
    public required IReadOnlyList<ActionSpec> Actions { get; init; }
    /// <summary>How often it is tried.</summary>
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;
    /// <summary>What is done once, without a retry, when the chain has become a dead letter.</summary>
    public IReadOnlyList<ActionSpec> OnFailure { get; init; } = [];
    /// <summary>Deliveries of this rule that one node runs at once, 1 to 1,000.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>All that a delivery goes through, in order.</summary>
    public IReadOnlyList<ActionSpec> Steps => Valid is null ? Actions : [Valid, .. Actions];

    /// <summary>Whether an event of a kind it waits for fits.</summary>
    public bool Matches(FtpEvent e) =>
        FitsFile(Counted(e.Status), e.Bytes, e.Path, e.Kind == EventKind.Rename ? e.PathTo : null) && FitsWho(e.User, e.Service, e.Host)
        && (Valid is null || e.Path is null || !Valid.IsBeside(e.Path));

    /// <summary>Whether a session that began fits.</summary>
    public bool MatchesStart(SessionRecord session) => FitsWho(session.User, session.Key.Service, session.Key.Host);

    /// <summary>Whether a session that ended fits.</summary>
    public bool MatchesEnd(SessionRecord session, IReadOnlyList<SessionFile> files)
    {
        if (!FitsWho(session.User, session.Key.Service, session.Key.Host))
            return false;
        if (!PicksFiles)
            return true;
        for (var i = 0; i < files.Count; i++)
        {
            if (Fits(files[i]))
                return true;
        }
        return false;
    }

    /// <summary>The files of a session that the rule is about, in their order.</summary>
    public IReadOnlyList<SessionFile> FilesOf(IReadOnlyList<SessionFile> files) => PicksFiles ? [.. files.Where(Fits)] : files;

    internal bool FitsWho(string user, string service, string host) =>
        (User.Count == 0 || Any(User, user)) && (NotUser.Count == 0 || !Any(NotUser, user))
        && (Service.Count == 0 || Any(Service, service)) && (Host.Count == 0 || Any(Host, host));

    private bool PicksFiles => _statuses != 0 || Path.Count > 0 || MinBytes is not null || MaxBytes is not null;

    // Whether it is ok is for the check to say, where the server cannot tell.
    private EventStatus Counted(EventStatus status) => Valid is not null && status == EventStatus.Unknown && Status.Contains(EventStatus.Ok) ? EventStatus.Ok : status;

    private bool Fits(SessionFile file) => FitsFile(file.Status, file.Bytes, file.Path, null);

    private bool FitsFile(EventStatus status, long? bytes, string? path, string? pathTo) =>
        (_statuses == 0 || (_statuses >> (int)status & 1) != 0)
        && (MinBytes is not { } min || bytes >= min) && (MaxBytes is not { } max || bytes <= max)
        && (Path.Count == 0 || (path is not null && Any(Path, path)) || (pathTo is not null && Any(Path, pathTo)));

    private static bool Any(IReadOnlyList<Glob> globs, string name)
    {
        for (var i = 0; i < globs.Count; i++)
        {
            if (globs[i].IsMatch(name))
                return true;
        }
        return false;
    }
}
