using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;

namespace FtpActors.Ingest;

/// <summary>Turns the bytes of one message into an event. Pure: it keeps nothing between calls and may be used by any thread.</summary>
public interface IMessageDecoder
{
    /// <summary>Decodes one message.</summary>
    /// <param name="message">The whole message as the server sent it.</param>
    /// <param name="receivedAt">When our node received it.</param>
    /// <param name="e">The event.</param>
    /// <param name="reason">Why there is none, for a person; the message then goes to quarantine.</param>
    bool TryDecode(
        ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason);
}
