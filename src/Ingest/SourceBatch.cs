using FtpActors.Protocol;

namespace FtpActors.Ingest;

/// <summary>A message that could not be decoded, kept whole.</summary>
/// <param name="ReceivedAt">When our node received it.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Sender">Where it came from, when known: an address and port, a message type.</param>
/// <param name="Reason">Why it could not be decoded, for a person.</param>
/// <param name="Bytes">The message.</param>
public sealed record QuarantinedMessage(DateTimeOffset ReceivedAt, string Source, string? Sender, string Reason, byte[] Bytes);

/// <summary>A stored <see cref="QuarantinedMessage"/> and its number.</summary>
/// <param name="Id">Number in this journal, from 1.</param>
/// <param name="Message">The message.</param>
public sealed record QuarantineEntry(long Id, QuarantinedMessage Message);

/// <summary>
/// What one source hands over to be made durable, all or nothing, in one transaction.
/// </summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Events">Events in the order of the source.</param>
/// <param name="Quarantined">Messages of the same batch that could not be decoded.</param>
/// <param name="SourceState">The source's own bookmark (which messages it is about to remove, an offset), replaced as a whole; null leaves it.</param>
public sealed record SourceBatch(
    string Source, IReadOnlyList<FtpEvent> Events, IReadOnlyList<QuarantinedMessage> Quarantined, byte[]? SourceState = null);
