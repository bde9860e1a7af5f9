namespace FtpActors.Protocol.OpenSsh;

/// <summary>A process for as long as the machine runs.</summary>
/// <param name="Pid">Its number, used again later.</param>
/// <param name="Start">When it began, ticks of 10 ms since the boot; 0 when that is not known.</param>
public readonly record struct ProcessName(int Pid, long Start);

/// <summary>A line and what the receiver knows of its sender.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When it was received.</param>
public sealed record OpenSshNotice(OpenSshLine Line, DateTimeOffset At)
{
    /// <summary>The sender by the kernel's word, its parent, and so on; empty when the line came by a file.</summary>
    public IReadOnlyList<ProcessName> Chain { get; init; } = [];
    /// <summary>What stands before the sender's absolute paths: the folder that is its root; "" for the machine's.</summary>
    public string Root { get; init; } = "";
    /// <summary>What stands before its relative paths, null when it is not known.</summary>
    public string? Folder { get; init; }

    /// <summary>A path of the line as the machine has it.</summary>
    public string PathOf(string path)
    {
        var whole = path.StartsWith('/') ? Root + path : Folder is null ? path : $"{Folder}/{path}";
        if (!whole.Contains("//", StringComparison.Ordinal) && !whole.Contains("/.", StringComparison.Ordinal))
            return whole;
        var parts = new List<string>();
        foreach (var part in whole.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("." or ".."))
                parts.Add(part);
        }
        return (whole.StartsWith('/') ? "/" : "") + string.Join('/', parts);
    }
}
