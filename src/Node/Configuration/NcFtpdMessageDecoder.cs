using System.Diagnostics.CodeAnalysis;
using FtpActors.Ingest;
using FtpActors.Protocol;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Node.Configuration;

/// <summary>NcFTPd's messages as events of a host and source.</summary>
internal sealed class NcFtpdMessageDecoder(string host, string source, bool swapHosts) : IMessageDecoder
{
    /// <inheritdoc/>
    public bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        e = NcFtpdDecoder.TryDecode(message, out var decoded, out reason) ? NcFtpdEvents.ToEvent(decoded, receivedAt, host, source, swapHosts) : null;
        return e is not null;
    }
}
