namespace FtpActors.Ingest.Queue;

/// <summary>Messages that were read in one go and are not yet decoded.</summary>
/// <param name="Messages">Type and text each.</param>
/// <param name="State">The bookmark that becomes durable with them; null leaves the old one.</param>
internal sealed record QueueBatch(IReadOnlyList<byte[]> Messages, byte[]? State);
