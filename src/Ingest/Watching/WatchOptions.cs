using System.Globalization;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Watching;

/// <summary>Settings of a <c>watch</c> source.</summary>
public sealed record WatchOptions
{
    /// <summary>Name in the configuration; also the name of its file of told files.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the FTP host for the events.</summary>
    public required string Host { get; init; }

    /// <summary>The folder, as <see cref="ReversibleText"/>, without a slash at its end.</summary>
    public required string Path { get; init; }

    /// <summary>Whose file it is; null when nothing tells.</summary>
    public IFileUsers? Users { get; init; }

    /// <summary>Looks at the whole folder so often instead of asking inotify, which hears nothing of what other machines do on a network mount. Null: inotify.</summary>
    public TimeSpan? Poll { get; init; }

    /// <summary>With <see cref="Poll"/>: in so many looks a file must be the same. Default 2.</summary>
    public int PollCount { get; init; } = 2;

    /// <summary>For so long size and time of a closed file must stay the same. Default 1 s.</summary>
    public TimeSpan Steady { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Globs of paths that are not looked at, folders as well.</summary>
    public IReadOnlyList<Glob> Ignore { get; init; } = [];

    /// <summary>Globs of temporary names.</summary>
    public IReadOnlyList<Glob> Temporary { get; init; } = [];

    /// <summary>
    /// Whether a file that was closed under its own name is <c>ok</c>. Default: no, <c>unknown</c>, because the kernel tells a broken upload in the very same way. One that was renamed
    /// from a temporary name is <c>ok</c> in any case.
    /// </summary>
    public bool TrustClose { get; init; }

    /// <summary>Sources of this node that tell uploads of the same files with their sessions.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>Those of <see cref="Beside"/> that tell of no renames: the final names of their uploads come from here.</summary>
    public IReadOnlyList<string> Silent { get; init; } = [];

    /// <summary>So long an upload waits for the word of a source beside it. Default 2 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Folder of the file of told files.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The file of told files.</summary>
    public string FilesPath => System.IO.Path.Combine(DataFolder, Uri.EscapeDataString(Name) + ".files.db");

    /// <summary>When a file is finished.</summary>
    public WatchRules Rules
    {
        get
        {
            var steady = Poll is { } poll && poll * (PollCount - 1) > Steady ? poll * (PollCount - 1) : Steady;
            steady = Beside.Count > 0 && Window > steady ? Window : steady;
            return new WatchRules
            {
                Temporary = Temporary, Ignored = Ignore, Steady = steady, SteadyUnseen = Poll is null ? Longer(steady * 10, 10) : steady, Longest = Longer(steady * 10, 10), Silent = Silent,
                Window = Beside.Count > 0 ? Window : TimeSpan.Zero,
            };
        }
    }

    /// <summary>Bytes of records that are held in memory, at most; beyond it they wait in the kernel's queue.</summary>
    internal long MostRecordBytes { get; init; } = 64 << 20;

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(Path.StartsWith('/'), "path", "must be a full path");
        Require(Poll is null || Poll >= TimeSpan.FromMilliseconds(50), "poll", "must be 50ms or more");
        Require(PollCount is >= 2 and <= 100, "poll_count", "must be 2..100");
        Require(Steady >= TimeSpan.Zero, "steady", "must not be negative");
    }

    private static TimeSpan Longer(TimeSpan time, int seconds) => time > TimeSpan.FromSeconds(seconds) ? time : TimeSpan.FromSeconds(seconds);

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
