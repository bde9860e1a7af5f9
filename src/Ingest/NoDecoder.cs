using System.Diagnostics.CodeAnalysis;
using FtpActors.Protocol;

namespace FtpActors.Ingest;

/// <summary>Of sources whose events are not made of one message alone: what is in their quarantine is there to be looked at.</summary>
/// <param name="reason">Why nothing can be made of it, for a person.</param>
public sealed class NoDecoder(string reason) : IMessageDecoder
{
    private readonly string _reason = reason;

    /// <inheritdoc/>
    public bool TryDecode(ReadOnlySpan<byte> message, DateTimeOffset receivedAt, [NotNullWhen(true)] out FtpEvent? e, [NotNullWhen(false)] out string? reason)
    {
        (e, reason) = (null, _reason);
        return false;
    }
}
