using FtpActors.Protocol;

namespace FtpActors.Ingest;

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
