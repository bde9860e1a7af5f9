using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Records of the upload pipe and lines of the alternative log as events of a host and source, for the retry of what is in quarantine.</summary>
/// <param name="host">Name of the FTP host.</param>
/// <param name="source">Name of the source.</param>
public sealed class PureFtpdDecoder(string host, string source) : IMessageDecoder
{
    /// <inheritdoc/>
    public bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        // Only a record begins with this byte.
        if (message is [2, ..])
            e = UploadPipe.TryRecord(message, out var record, out reason) ? PureFtpdEvents.OfUpload(record, receivedAt, host, source) : null;
        else
            e = AltlogLine.TryDecode(message, out var line, out reason) ? PureFtpdEvents.OfLine(line, receivedAt, host, source) : null;
        return e is not null;
    }
}
