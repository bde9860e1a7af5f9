using FtpActors.Protocol;

namespace FtpActors.Journal;

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

/// <summary>What sources need of a node's spool. Safe for callers on any thread.</summary>
public interface ISpool
{
    /// <summary>Makes a batch durable (fsynced) and gives every event its seq; batches that wait at the same time share one fsync.</summary>
    /// <returns>The seq of the first event (of the next one to come, when the batch has none).</returns>
    /// <exception cref="JournalUnavailableException">
    /// It is not known to be stored (full disk, I/O error). The very same batch may be handed over again, as often as it takes: it is stored once.
    /// </exception>
    Task<long> AppendAsync(SourceBatch batch);

    /// <summary>The last <see cref="SourceBatch.SourceState"/> of a source, null when there is none.</summary>
    /// <exception cref="JournalUnavailableException">The spool does not answer.</exception>
    Task<byte[]?> ReadSourceStateAsync(string source);
}

/// <summary>Filters for events; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record EventQuery
{
    /// <summary>Received at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Received before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this kind.</summary>
    public EventKind? Kind { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only these paths.</summary>
    public string? Path { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}

/// <summary>Filters for sessions; null means any. Texts are exact unless they have <c>*</c>.</summary>
public sealed record SessionQuery
{
    /// <summary>Only open (true) or closed (false) ones.</summary>
    public bool? Open { get; init; }
    /// <summary>Last event at or after.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>Opened before.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Only this user.</summary>
    public string? User { get; init; }
    /// <summary>Only this host.</summary>
    public string? Host { get; init; }
    /// <summary>Only the last n that fit; null for all.</summary>
    public int? Last { get; init; }
}

/// <summary>What open sessions are counted by.</summary>
public enum SessionGroup
{
    /// <summary>Login name.</summary>
    User,
    /// <summary>FTP host.</summary>
    Host,
    /// <summary>The client.</summary>
    Remote,
}

/// <summary>Open sessions that have something in common.</summary>
/// <param name="Name">User, host or client.</param>
/// <param name="Sessions">How many there are.</param>
/// <param name="Uploading">Of these, receiving a file.</param>
/// <param name="Downloading">Of these, sending one.</param>
public sealed record OpenSessions(string Name, long Sessions, long Uploading, long Downloading);
