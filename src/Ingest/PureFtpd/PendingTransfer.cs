using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>A record of the pipe as it was found.</summary>
/// <param name="Record">The record.</param>
/// <param name="At">When.</param>
/// <param name="Facts">What the file system said of the file at once.</param>
/// <param name="Size">Bytes of the file then; null when there was none.</param>
internal sealed record UploadNotice(UploadRecord Record, DateTimeOffset At, IReadOnlyList<string> Facts, long? Size);

/// <summary>A line of the alternative log as it was found.</summary>
/// <param name="Line">The line.</param>
/// <param name="At">When.</param>
/// <param name="Size">Bytes of the file then; null when there was none.</param>
internal sealed record LineNotice(AltlogLine Line, DateTimeOffset At, long? Size);

/// <summary>A transfer that is over and not told yet, because an input that knows more of it has not spoken.</summary>
internal sealed class PendingTransfer
{
    public required bool IsUpload { get; init; }
    public required DateTimeOffset At { get; init; }
    public UploadNotice? Record { get; set; }
    public LineNotice? Line { get; set; }
    public Transfer? Transfer { get; set; }
    /// <summary>Whose it is, null when that is not known.</summary>
    public string? Session { get; set; }
    public string Account { get; set; } = "";
    public string Peer { get; set; } = "";
    /// <summary>More than one session may have been it.</summary>
    public bool IsAmbiguous { get; set; }

    /// <summary>The scoreboard was read after the record or the line: what it has not shown of it by then it will not show.</summary>
    public bool HasLooked { get; set; }

    public string? Path => Record?.Record.Path ?? Line?.Line.Path;
    public long? Size => Record?.Size ?? Line?.Size;
}
