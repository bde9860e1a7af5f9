namespace FtpActors.Protocol.PureFtpd;

/// <summary>What Pure-FTPd's inputs say, in our own terms.</summary>
public static class PureFtpdEvents
{
    /// <summary>
    /// The event of a record of the upload pipe. Its status is unknown: the server reports uploads that were aborted, too, and the record
    /// does not say how many bytes came.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="receivedAt">When our node received it; cut to the microsecond.</param>
    /// <param name="host">Name of the FTP host.</param>
    /// <param name="source">Name of the source in the configuration.</param>
    public static FtpEvent OfUpload(UploadRecord record, DateTimeOffset receivedAt, string host, string source) => new()
    {
        ReceivedAt = Microseconds(receivedAt), Kind = EventKind.Upload, Host = host, Source = source, User = record.Account, Path = record.Path,
    };

    /// <summary>
    /// The event of a line of the alternative log. Its status is unknown: the log has aborted transfers, too. <see cref="FtpEvent.Time"/> is the start where
    /// the line has a duration, else the end.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="receivedAt">When our node received it; cut to the microsecond.</param>
    /// <param name="host">Name of the FTP host.</param>
    /// <param name="source">Name of the source in the configuration.</param>
    public static FtpEvent OfLine(AltlogLine line, DateTimeOffset receivedAt, string host, string source) => new()
    {
        ReceivedAt = Microseconds(receivedAt), Kind = line.IsUpload ? EventKind.Upload : EventKind.Download, Host = host, Source = source,
        Session = line.Session, User = line.Account, RemoteHost = line.Host, Path = line.Path, Bytes = line.Bytes, Seconds = line.Seconds,
        // A duration longer than the epoch is old is damage; the end is then all that is known.
        Time = line.Seconds is { } s && s <= line.EndedAt.ToUnixTimeSeconds() ? line.EndedAt.AddSeconds(-s) : line.EndedAt,
    };

    /// <summary>A time cut to the microsecond, in UTC, as <see cref="FtpEvent.ReceivedAt"/> is kept.</summary>
    public static DateTimeOffset Microseconds(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
