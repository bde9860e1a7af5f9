using System.Diagnostics.CodeAnalysis;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// One line of Pure-FTPd's alternative log (<c>-O clf:...</c> or <c>-O stats:...</c>): one finished transfer, written just before the record
/// of the upload pipe. Aborted transfers are logged too, with what came through.
/// </summary>
public sealed record AltlogLine
{
    /// <summary>When the transfer ended, whole seconds.</summary>
    public required DateTimeOffset EndedAt { get; init; }
    /// <summary>Whether the file came in.</summary>
    public required bool IsUpload { get; init; }
    /// <summary>Login name, as <see cref="ReversibleText"/>; "" when the server had none (it writes <c>-</c>).</summary>
    public required string Account { get; init; }
    /// <summary>The client's address or name as the server wrote it; "" when it had none.</summary>
    public required string Host { get; init; }
    /// <summary>Bytes transferred.</summary>
    public required long Bytes { get; init; }
    /// <summary>Full path on the host, as <see cref="ReversibleText"/>.</summary>
    public required string Path { get; init; }
    /// <summary>Duration in whole seconds, rounded; null in the CLF format.</summary>
    public long? Seconds { get; init; }
    /// <summary>The session as <see cref="PureFtpdSession.Id"/> names it; null in the CLF format.</summary>
    public string? Session { get; init; }

    /// <summary>Reads a line of either format.</summary>
    /// <param name="line">The line, with or without its line feed.</param>
    /// <param name="read">What it says.</param>
    /// <param name="reason">Why it says nothing, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out AltlogLine? read, [NotNullWhen(false)] out string? reason)
    {
        if (!line.IsEmpty && line[^1] == (byte)'\n')
            line = line[..^1];
        reason = null;
        if (AltlogClf.TryDecode(line, out read) || AltlogStats.TryDecode(line, out read))
            return true;
        reason = "neither a line of the clf format nor one of the stats format";
        return false;
    }
}
