using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Streams;

/// <summary>Hands batches to the spool until that has them; a batch that waits holds back what comes behind it.</summary>
internal sealed class SpoolStage(ISpool spool, TimeProvider time, SourceReport report, CancellationToken stop)
{
    private long _waiting;

    /// <summary>A run of a reader that makes batches itself: each is stored, one after the other, until the stop.</summary>
    /// <param name="source">Name of the source.</param>
    /// <param name="read">One life of the reader, as <see cref="SourceRun{T}"/> has it.</param>
    /// <param name="materializer">Runs the stream.</param>
    public async Task RunAsync(string source, Action<Feed<SourceBatch>> read, IMaterializer materializer)
    {
        using var run = new SourceRun<SourceBatch>($"source {source}", read, stop);
        await run.EndAsync(run.Source.SelectAsync(1, StoreAsync).RunForeach(run.Acknowledge, materializer)).ConfigureAwait(false);
    }

    /// <summary>Tries as often as it takes: true when the batch is durable, false when the stop came while the spool could not store it.</summary>
    public async Task<bool> StoreAsync(SourceBatch batch)
    {
        var messages = batch.Events.Count + batch.Quarantined.Count;
        Interlocked.Add(ref _waiting, messages);
        var backoff = new Backoff(time);
        var hasWaited = false;
        while (!await TryStoreAsync(batch).ConfigureAwait(false))
        {
            hasWaited = true;
            await backoff.WaitAsync(stop).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
                return false;
        }
        Interlocked.Add(ref _waiting, -messages);
        report.Stored(messages, batch.Quarantined.Count);
        // Only what was said here: a source that stores its first state reads nothing yet.
        if (hasWaited)
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
