using FtpActors.Journal;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Makes a batch durable, and waits for the spool as long as it takes: meanwhile the pipe holds what comes.</summary>
internal sealed class PureFtpdStore(ISpool spool, TimeProvider time, SourceReport report)
{
    /// <summary>Returns when the batch is durable.</summary>
    /// <exception cref="OperationCanceledException">Stopped while the spool could not store; nothing was stored.</exception>
    public void Store(SourceBatch batch, CancellationToken stop)
    {
        var messages = batch.Events.Count + batch.Quarantined.Count;
        var backoff = new Backoff(time);
        while (true)
        {
            try
            {
                spool.AppendAsync(batch).GetAwaiter().GetResult();
                report.Stored(messages, batch.Quarantined.Count);
                report.Reading();
                return;
            }
            catch (JournalUnavailableException e)
            {
                report.Waiting($"{messages} messages wait for the spool: {e.Message}");
                backoff.Wait(stop);
            }
        }
    }

    /// <summary>The source's bookmark.</summary>
    /// <exception cref="OperationCanceledException">Stopped while the spool could not be read.</exception>
    public byte[]? ReadState(string source, CancellationToken stop)
    {
        var backoff = new Backoff(time);
        while (true)
        {
            try
            {
                return spool.ReadSourceStateAsync(source).GetAwaiter().GetResult();
            }
            catch (JournalUnavailableException e)
            {
                report.Waiting($"The spool cannot be read: {e.Message}");
                backoff.Wait(stop);
            }
        }
    }
}
