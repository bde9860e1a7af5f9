using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>A transfer as the scoreboard shows it.</summary>
internal sealed record Transfer
{
    public required bool IsUpload { get; init; }
    /// <summary>As the client typed it; "" when the transfer was over before it was seen.</summary>
    public required string File { get; init; }
    /// <summary>Whole seconds.</summary>
    public required DateTimeOffset StartedAt { get; init; }
    public required long RestartAt { get; init; }
    /// <summary>Bytes of the file when a download began; nothing to go by for an upload.</summary>
    public long Total { get; init; }
    /// <summary>Where it was when it was last seen.</summary>
    public long Position { get; set; }
    /// <summary>It does not run any more.</summary>
    public bool HasEnded { get; set; }
    /// <summary>The position was read after the end.</summary>
    public bool IsFinal { get; set; }
    /// <summary>The session's process ended in the middle of it.</summary>
    public bool WasCutOff { get; set; }
    /// <summary>It may have ended while no node looked.</summary>
    public bool HasGap { get; set; }
    /// <summary>When its progress was told last.</summary>
    public DateTimeOffset? ToldAt { get; set; }
    /// <summary>When a record or a line said that it is over.</summary>
    public DateTimeOffset? ClaimedAt { get; set; }

    public static Transfer Of(ScoreboardEntry e) => new()
    {
        // Of a session that is over, only the figures still say which way: an upload's total is its position.
        IsUpload = e.State == ScoreboardState.Upload || (e.State != ScoreboardState.Download && e.TotalSize == e.CurrentSize),
        File = e.File, StartedAt = e.TransferStartedAt, RestartAt = e.RestartAt, Total = e.TotalSize, Position = e.CurrentSize,
    };

    /// <summary>
    /// Whether this may be the transfer of a full path. The client's folder is not known, links may lie between, the server keeps the end of a long argument
    /// only, and with autorename it puts a number behind the name.
    /// </summary>
    public bool MayBe(string path)
    {
        var name = LastName(File);
        var last = LastName(path);
        return last == name || path.EndsWith(File, StringComparison.Ordinal)
            || (last.StartsWith(name + ".", StringComparison.Ordinal) && !last.AsSpan(name.Length + 1).ContainsAnyExceptInRange('0', '9'));
    }

    /// <summary>Whether the whole argument, and not its last name alone, ends the path.</summary>
    public bool Ends(string path) =>
        path.EndsWith("/" + (File.StartsWith("./", StringComparison.Ordinal) ? File[2..] : File).TrimStart('/'), StringComparison.Ordinal);

    private static string LastName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
