using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Records of the upload pipe as events of a host and source, for the retry of what is in quarantine.</summary>
/// <param name="host">Name of the FTP host.</param>
/// <param name="source">Name of the source.</param>
public sealed class UploadRecordDecoder(string host, string source) : IMessageDecoder
{
    /// <inheritdoc/>
    public bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        e = UploadPipe.TryRecord(message, out var record, out reason) ? PureFtpdEvents.OfUpload(record, receivedAt, host, source) : null;
        return e is not null;
    }
}
