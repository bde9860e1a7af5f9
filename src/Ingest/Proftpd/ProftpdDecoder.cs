using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;
using FtpActors.Protocol.Proftpd;

namespace FtpActors.Ingest.Proftpd;

/// <summary>Messages of mod_kafka, lines of our log and lines of an xferlog as events, for the retry of what is in quarantine: which one it is shows at its beginning.</summary>
/// <param name="source">Name of the source.</param>
/// <param name="hostOf">Name of the FTP host of a message; of an xferlog, which has no message, asked with null.</param>
public sealed class ProftpdDecoder(string source, Func<ProftpdMessage?, string> hostOf) : IMessageDecoder
{
    /// <inheritdoc/>
    public bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        e = null;
        if (XferlogLine.TryDecode(message, out var line, out reason))
        {
            e = ProftpdEvents.OfLine(line, receivedAt, hostOf(null), source, TimeZoneInfo.Local);
            return true;
        }
        if (ProftpdLogLine.TryDecode(message, out var said, out reason) || ProftpdKafkaJson.TryDecode(message, out said, out reason))
        {
            e = ProftpdEvents.OfMessage(said, receivedAt, hostOf(said), source);
            reason = e is null ? "it can be read and tells nothing of a session" : null;
        }
        return e is not null;
    }
}
