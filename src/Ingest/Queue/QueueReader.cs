using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// Reads a queue batch by batch; each is acknowledged before the next is read. Its lives follow one another, each on a thread of its own.
/// </summary>
internal sealed class QueueReader(NcFtpdQueueOptions options, ISpool spool, SourceReport report)
{
    // Receiving costs the same at any depth of the queue, so a fast batch is bounded only by memory (8 MiB at most).
    private const int FastBatches = 4;

    private SystemVQueue? _queue;

    /// <summary>What the stop has cost, null when nothing.</summary>
    public string? Cost { get; private set; }

    /// <summary>One life of the queue: opens it and reads until the stop or trouble.</summary>
    public void Read(Feed<QueueBatch> feed)
    {
        Cost = null;
        try
        {
            OpenAndRead(feed);
        }
        catch (Exception e) when (e is SystemVQueueException or IOException or UnauthorizedAccessException or JournalUnavailableException)
        {
            report.Waiting(QueueTrouble.Describe(e, options));
        }
    }

    /// <summary>Messages in the queue, null when it cannot be asked. Any thread may call it.</summary>
    public long? Depth()
    {
        try
        {
            return _queue is { } queue ? (long)queue.Stat().Messages : null;
        }
        catch (SystemVQueueException)
        {
            // Removed or forbidden: the source's own thread finds the same and reports it as its trouble.
            return null;
        }
    }

    private void OpenAndRead(Feed<QueueBatch> feed)
    {
        var queue = SystemVQueue.OpenOrCreate(options.Key, options.Mode);
        var stat = QueueSize.Raise(queue, options.QueueBytes, report);
        _queue = queue;
        report.Warn("mode", stat.OthersMayWrite
            ? $"Queue {options.Key} has mode 0{Convert.ToString(stat.Mode, 8)}: group or others may write to it and can forge events. Set 0600 where the server makes it."
            : null);
        var textBytes = Math.Max(options.Buffer, IpcLimits.LargestMessage());
        var canCopy = CanCopy(queue, textBytes);
        report.Warn("copy", !canCopy && options.Take == QueueTake.Safe
            ? "This kernel cannot copy messages of a queue (MSG_COPY, CONFIG_CHECKPOINT_RESTORE): take is 'fast', so a killed process loses what is in its hands."
            : null);
        var saved = canCopy ? spool.ReadSourceStateAsync(options.Name).GetAwaiter().GetResult() : null;
        report.Reading();
        var fast = new FastTake(queue, textBytes, FastBatches * options.Batch, feed, report);
        if (canCopy && (options.Take == QueueTake.Safe || saved is not null))
        {
            using var witness = Witness.Open(options.WitnessPath, textBytes);
            var realm = TakingState.DigestOf(IpcLimits.Realm());
            var safe = new SafeTake(queue, witness, saved is null ? null : TakingState.Decode(saved), realm, options.Batch, Store);
            safe.Settle();
            WarnOfSteals(safe);
            if (options.Take == QueueTake.Safe)
            {
                // What the doorbell took goes first: it was at the head of the queue.
                Loop(queue, () => feed.WaitUntilWanted() && (fast.StoreInHand() || TakeSafely(safe)), fast, feed);
                return;
            }
        }
        Loop(queue, fast.Take, fast, feed);

        void Store(IReadOnlyList<byte[]> messages, byte[]? state) => feed.Store(new QueueBatch(messages, state));
    }

    private bool TakeSafely(SafeTake safe)
    {
        var taken = safe.Take();
        if (taken)
            WarnOfSteals(safe);
        return taken;
    }

    /// <summary>Takes and waits until the stop. Only <paramref name="inHand"/> can lose messages then.</summary>
    private void Loop(SystemVQueue queue, Func<bool> take, FastTake inHand, Feed<QueueBatch> feed)
    {
        try
        {
            try
            {
                using var doorbell = new Doorbell(queue, feed.End);
                while (!feed.End.IsCancellationRequested)
                {
                    // An empty message is none of NcFTPd's, so safe mode may take it as fast mode does; the decoder sends it to quarantine.
                    if (!take() && doorbell.Wait() is > 0 and var type)
                        inHand.Hold(type);
                }
            }
            catch (SystemVQueueException)
            {
                inHand.StoreInHand();
                throw;
            }
            inHand.StoreInHand();
        }
        catch (OperationCanceledException)
        {
            PutBack(inHand);
        }
    }

    private void PutBack(FastTake inHand)
    {
        var lost = inHand.PutBack();
        Cost = lost > 0 ? $"{lost} messages were lost: the spool could not store them and queue {options.Key} had no room to take them back." : null;
    }

    private static bool CanCopy(SystemVQueue queue, int textBytes)
    {
        try
        {
            queue.TryCopy(0, new byte[SystemVQueue.TypeBytes + textBytes]);
            return true;
        }
        catch (SystemVQueueException e) when (e.Error is Errno.ENOSYS or Errno.EINVAL)
        {
            // EINVAL may also mean that the queue was removed just now: then this throws, and the queue is opened anew.
            queue.Stat();
            return false;
        }
    }

    private void WarnOfSteals(SafeTake safe)
    {
        if (safe.Steals > 0)
        {
            report.Warn("steal", $"Another reader takes from queue {options.Key}: what it takes does not reach this node. "
                + $"Stop it; ipcs -q -p names the last receiver ({_queue?.Stat().LastReceiverPid} is this node or it).");
        }
    }
}
