namespace FtpActors.Protocol.Watching;

/// <summary>A path of which something was heard and not told yet.</summary>
internal sealed class Candidate
{
    public required string Path { get; init; }
    /// <summary>When something was heard first.</summary>
    public required DateTimeOffset FirstAt { get; init; }
    /// <summary>When something was heard last.</summary>
    public DateTimeOffset HeardAt { get; set; }
    /// <summary>It was closed after writing, or renamed: a state that its writer meant.</summary>
    public bool WasClosed { get; set; }
    /// <summary>It was closed after writing: also the same size and times are a new version.</summary>
    public int Closings { get; set; }
    /// <summary>What made it known.</summary>
    public string Seen { get; set; } = "scan";
    /// <summary>Its name before, when a rename told it.</summary>
    public string? From { get; set; }
    /// <summary>Only mode, owner, times or links are known to have changed.</summary>
    public bool IsAttributesOnly { get; set; }
    /// <summary>As it was when it was looked at last.</summary>
    public FileVersion? Version { get; set; }
    /// <summary>Since when it is so.</summary>
    public DateTimeOffset SteadySince { get; set; }
    /// <summary>Of its valid entry among those that are due.</summary>
    public long Turn { get; set; }
    /// <summary>Looks at an open file so far; they become rarer.</summary>
    public int OpenLooks { get; set; }
}
