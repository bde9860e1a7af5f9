using FtpActors.Ingest.Linux;
using FtpActors.Journal;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// Reads NcFTPd's event messages from a System V message queue. The queue is made when it is missing and never removed: messages wait in it
/// while no node runs. The queue gives messages in order and never twice, so events have no fingerprint.
/// </summary>
public sealed class NcFtpdQueueSource : ISource
{
    // Receiving costs the same at any depth of the queue, so a fast batch is bounded only by memory (8 MiB at most).
    private const int FastBatches = 4;

    private readonly NcFtpdQueueOptions _options;
    private readonly ISpool _spool;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly MessageStore _store;
    private SystemVQueue? _queue;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NcFtpdQueueSource(NcFtpdQueueOptions options, ISpool spool, IMessageDecoder decoder, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _time) = (options, spool, time);
        _report = new SourceReport(options.Name, Kind);
        _store = new MessageStore(options.Name, spool, decoder, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "ncftpd-mqueue";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(Depth());

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stop) => SourceThread.Run($"source {Name}", () => Run(stop));

    private void Run(CancellationToken stop)
    {
        var backoff = new Backoff(_time);
        string? cost = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                cost = Read(backoff, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is SystemVQueueException or IOException or UnauthorizedAccessException or JournalUnavailableException)
            {
                _report.Waiting(QueueTrouble.Describe(e, _options));
                Pause(backoff, stop);
            }
        }
        _report.Stopped(cost);
    }

    /// <summary>One life of the queue: opens it and reads until the stop or trouble. Returns what the stop has cost, null when nothing.</summary>
    private string? Read(Backoff backoff, CancellationToken stop)
    {
        var queue = SystemVQueue.OpenOrCreate(_options.Key, _options.Mode);
        var stat = QueueSize.Raise(queue, _options.QueueBytes, _report);
        _queue = queue;
        _report.Warn("mode", stat.OthersMayWrite
            ? $"Queue {_options.Key} has mode 0{Convert.ToString(stat.Mode, 8)}: group or others may write to it and can forge events. Set 0600 where the server makes it."
            : null);
        var textBytes = Math.Max(_options.Buffer, IpcLimits.LargestMessage());
        var canCopy = CanCopy(queue, textBytes);
        _report.Warn("copy", !canCopy && _options.Take == QueueTake.Safe
            ? "This kernel cannot copy messages of a queue (MSG_COPY, CONFIG_CHECKPOINT_RESTORE): take is 'fast', so a killed process loses the batch in its hands."
            : null);
        var saved = canCopy ? _spool.ReadSourceStateAsync(Name).GetAwaiter().GetResult() : null;
        _report.Reading();
        var fast = new FastTake(queue, textBytes, FastBatches * _options.Batch, (messages, state) => _store.Store(messages, state, stop));
        if (canCopy && (_options.Take == QueueTake.Safe || saved is not null))
        {
            using var witness = Witness.Open(_options.WitnessPath, textBytes);
            var realm = TakingState.DigestOf(IpcLimits.Realm());
            var safe = new SafeTake(
                queue, witness, saved is null ? null : TakingState.Decode(saved), realm, _options.Batch,
                (messages, state) => _store.Store(messages, state, stop));
            safe.Settle();
            WarnOfSteals(safe);
            if (_options.Take == QueueTake.Safe)
            {
                // What the doorbell took goes first: it was at the head of the queue.
                return Loop(queue, () => fast.StoreInHand() || TakeSafely(safe), fast, backoff, stop);
            }
        }
        return Loop(queue, fast.Take, fast, backoff, stop);
    }

    private bool TakeSafely(SafeTake safe)
    {
        var taken = safe.Take();
        if (taken)
            WarnOfSteals(safe);
        return taken;
    }

    /// <summary>Takes and waits until the stop. Returns what that has cost: only <paramref name="inHand"/> can lose messages.</summary>
    private string? Loop(SystemVQueue queue, Func<bool> take, FastTake inHand, Backoff backoff, CancellationToken stop)
    {
        try
        {
            try
            {
                using var doorbell = new Doorbell(queue, stop);
                while (!stop.IsCancellationRequested)
                {
                    // An empty message is none of NcFTPd's, so safe mode may take it as fast mode does; the decoder sends it to quarantine.
                    if (!take() && doorbell.Wait() is > 0 and var type)
                        inHand.Hold(type);
                    backoff.Reset();
                }
            }
            finally
            {
                // After trouble with the queue too.
                inHand.StoreInHand();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return PutBack(inHand);
        }
        return null;
    }

    private string? PutBack(FastTake inHand)
    {
        var lost = inHand.PutBack();
        return lost > 0 ? $"{lost} messages were lost: the spool could not store them and queue {_options.Key} had no room to take them back." : null;
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
            _report.Warn("steal", $"Another reader takes from queue {_options.Key}: what it takes does not reach this node. "
                + $"Stop it; ipcs -q -p names the last receiver ({_queue?.Stat().LastReceiverPid} is this node or it).");
        }
    }

    private long? Depth()
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

    private static void Pause(Backoff backoff, CancellationToken stop)
    {
        try
        {
            backoff.Wait(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The loop sees the stop itself.
        }
    }
}
