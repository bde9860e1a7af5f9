using FtpActors.Protocol;


namespace FtpActors.Ingest.Streams;

/// <summary>Hands batches to the spool until that has them; a batch that waits holds back what comes behind it.</summary>
internal sealed class SpoolStage(ISpool spool, TimeProvider time, SourceReport report, CancellationToken stop)
{
    private long _waiting;

    /// <summary>Tries as often as it takes: true when the batch is durable, false when the stop came while the spool could not store it.</summary>
    public async Task<bool> StoreAsync(SourceBatch batch)
    {
        var messages = batch.Events.Count + batch.Quarantined.Count;
        Interlocked.Add(ref _waiting, messages);
        var backoff = new Backoff(time);
        while (!await TryStoreAsync(batch).ConfigureAwait(false))
        {
            await backoff.WaitAsync(stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
                return false;
        }
        Interlocked.Add(ref _waiting, -messages);
        report.Stored(messages, batch.Quarantined.Count);
        report.Reading();
        return true;
    }

    private async Task<bool> TryStoreAsync(SourceBatch batch)
    {
        try
        {
            await spool.AppendAsync(batch).ConfigureAwait(false);
            return true;
        }
        catch (JournalUnavailableException e)
        {
            report.Waiting($"{Interlocked.Read(ref _waiting)} messages wait for the spool: {e.Message}");
            return false;
        }
    }
}
