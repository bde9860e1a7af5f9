using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Tests;

/// <summary>The message is the path of an event; one that begins with "bad" cannot be decoded.</summary>
internal sealed class TextDecoder : IMessageDecoder
{
    public bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        if (message.StartsWith("bad"u8))
        {
            (e, reason) = (null, "it begins with bad");
            return false;
        }
        reason = null;
        e = new FtpEvent
        {
            ReceivedAt = receivedAt, Kind = EventKind.Upload, Host = "h", Source = "s", Path = System.Text.Encoding.Latin1.GetString(message),
        };
        return true;
    }
}
