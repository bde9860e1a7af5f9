using FtpActors.Protocol.Globs;

namespace FtpActors.Protocol.Watching;

/// <summary>When a file is finished.</summary>
public sealed record WatchRules
{
    /// <summary>Letters that rsync puts behind the point at the end.</summary>
    private const int RsyncLetters = 6;

    /// <summary>Rsync's names while it writes: <c>.NAME.XXXXXX</c>. Its <c>.~tmp~</c> folders are skipped whole.</summary>
    public static readonly IReadOnlyList<string> MoreTemporaryNames = [".*.[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]", "**/.~tmp~/**"];

    /// <summary>Names that a client changes when the file is whole: never told, and a rename from one makes a file finished.</summary>
    public IReadOnlyList<Glob> Temporary { get; init; } = [];

    /// <summary>Paths that are not looked at.</summary>
    public IReadOnlyList<Glob> Ignored { get; init; } = [];

    /// <summary>For so long size and time of a file must stay the same, counted from its closing.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So long a deletion, and a rename of what another source told, wait for the word of that source. Zero: nothing waits.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>Sources that tell of no renames: theirs do not wait.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>A file that nobody was seen to close, and of which nobody can say whether it is open, must be steady for so long.</summary>
    public TimeSpan SteadyUnseen { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A file that never comes to rest is told after so long, at a moment when nobody has it open.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether a path is not looked at.</summary>
    public bool IsIgnored(string path) => Matches(Ignored, path);

    /// <summary>Whether a path is one that a client will change.</summary>
    public bool IsTemporary(string path) => Matches(Temporary, path);

    /// <summary>The path that rsync will give a file of its temporary name <c>.NAME.XXXXXX</c>; null when the name is not of that form.</summary>
    public static string? RsyncTarget(string path)
    {
        var name = path.LastIndexOf('/') + 1;
        var end = path.Length - RsyncLetters - 1;
        return path[name..].StartsWith('.') && end > name + 1 && path[end] == '.' ? path[..name] + path[(name + 1)..end] : null;
    }

    private static bool Matches(IReadOnlyList<Glob> globs, string path)
    {
        foreach (var glob in globs)
        {
            if (glob.IsMatch(path))
                return true;
        }
        return false;
    }
}
