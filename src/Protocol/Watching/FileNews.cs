namespace FtpActors.Protocol.Watching;

/// <summary>What has become of a file.</summary>
public enum FileNewsKind
{
    /// <summary>A finished version of a file is there.</summary>
    Finished,
    /// <summary>A file that was told has another name.</summary>
    Renamed,
    /// <summary>A file that was told is gone.</summary>
    Removed,
}

/// <summary>One thing that a watch has to tell.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">The file.</param>
/// <param name="At">When it was seen first.</param>
public sealed record FileNews(FileNewsKind Kind, string Path, DateTimeOffset At)
{
    /// <summary>The name before: of a rename; of a finished file its temporary one, null when it has had none.</summary>
    public string? From { get; init; }
    /// <summary>The file as it is.</summary>
    public FileLook? Look { get; init; }
    /// <summary>How often it was closed after writing since it was told last; more than once: later ones have overtaken earlier ones. 0 when no closing was seen.</summary>
    public int Closings { get; init; }
    /// <summary>What made it known: <c>close</c>, <c>rename</c>, <c>link</c> or <c>scan</c>.</summary>
    public required string Seen { get; init; }
    /// <summary>Who told the file before its rename, "" when it was the watch.</summary>
    public string Teller { get; init; } = "";
}
