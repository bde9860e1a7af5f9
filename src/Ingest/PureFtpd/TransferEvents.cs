using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>The event of a transfer that is over, and what can be said of how it went.</summary>
internal static class TransferEvents
{
    /// <param name="pending">The transfer.</param>
    /// <param name="options">The source.</param>
    /// <param name="logSpeaks">Whether a line of the log has come since the start: only then does the want of one mean anything.</param>
    public static FtpEvent Of(PendingTransfer pending, TrackerOptions options, bool logSpeaks)
    {
        var line = pending.Line?.Line;
        var transfer = pending.Transfer;
        var e = new FtpEvent
        {
            ReceivedAt = PureFtpdEvents.Microseconds(pending.At), Kind = pending.IsUpload ? EventKind.Upload : EventKind.Download, Host = options.Host, Source = options.Source,
            Session = pending.Session, User = pending.Account, RemoteHost = pending.Peer.Length > 0 ? pending.Peer : line?.Host ?? "",
            Path = pending.Path ?? transfer!.File, Bytes = line?.Bytes ?? (transfer is { IsFinal: true } ? Math.Max(0, transfer.Position - transfer.RestartAt) : null),
            Status = pending.IsUpload ? OfUpload(pending, options, logSpeaks) : OfDownload(pending),
            Flags = pending.IsAmbiguous ? EventFlags.Ambiguous : EventFlags.None, Extra = pending.Record?.Facts,
        };
        return line is null
            ? e with { Time = transfer?.StartedAt }
            : e with { Time = line.Seconds is null ? transfer?.StartedAt ?? line.EndedAt : PureFtpdEvents.OfLine(line, pending.At, "", "").Time, Seconds = line.Seconds };
    }

    // The server ends an upload that the client broke off (ABOR, a reset data connection, a lost control connection) as it ends a whole one: the same record, the
    // same line, the same figures (dostor() in ftpd.c of 1.0.54; seen with 1.0.50). So a good end cannot be told, only a bad one.
    private static EventStatus OfUpload(PendingTransfer pending, TrackerOptions options, bool logSpeaks)
    {
        var transfer = pending.Transfer;
        if (pending.Path is null)
        {
            if (transfer!.WasCutOff)
                return EventStatus.Aborted;
            // What the server keeps it reports. What it does not report it refused at the end: quota, a name that cannot be put in place. A record that is missing
            // says nothing, for another reader may have taken it; a line of the log stays.
            return logSpeaks && transfer is { HasEnded: true, HasGap: false } ? EventStatus.Failed : EventStatus.Unknown;
        }
        // A later change of the file, or the next upload to its name, can make it longer than this upload was, but not shorter by itself.
        var end = transfer is { IsFinal: true } ? transfer.Position : pending.Line?.Line.Bytes;
        if (end is null || pending.Size is not { } size || end < size)
            return EventStatus.Unknown;
        return end > size ? EventStatus.Incomplete : options.TrustEnd ? EventStatus.Ok : EventStatus.Unknown;
    }

    // The server knew the size of the file, so here the whole can be told from the part. What the client has got of it nobody knows.
    private static EventStatus OfDownload(PendingTransfer pending)
    {
        if (pending.Transfer is { IsFinal: true } transfer)
            return transfer.Position >= transfer.Total ? EventStatus.Ok : transfer.WasCutOff ? EventStatus.Aborted : EventStatus.Incomplete;
        return pending.Line is { } line && line.Line.Bytes == line.Size ? EventStatus.Ok : EventStatus.Unknown;
    }
}
