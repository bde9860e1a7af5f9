using FtpActors.Journal;

namespace FtpActors.Ingest.Udp;

/// <summary>
/// Batches on their way to the spool while the source keeps reading: UDP loses what is not read. At most <see cref="Most"/> batches are on
/// their way. Used by the source's thread alone.
/// </summary>
internal sealed class UdpOutbox(ISpool spool, TimeProvider time, SourceReport report, Horizon.Mark mark)
{
    /// <summary>Batches on their way at a time.</summary>
    public const int Most = 4;

    private readonly Queue<Parcel> _parcels = new();
    private readonly Backoff _backoff = new(time);
    private Parcel? _last;
    private DateTimeOffset? _retryAt;

    public bool IsEmpty => _parcels.Count == 0;

    /// <summary>Nothing more may be sent now: enough is on its way, or the spool fails and what failed goes first.</summary>
    public bool IsFull => _parcels.Count == Most || _retryAt is not null;

    /// <summary>Messages that are not durable yet.</summary>
    public long Waiting => _parcels.Sum(p => (long)p.Messages);

    /// <summary>Hands a batch to the spool.</summary>
    public void Send(SourceBatch batch)
    {
        _last = new Parcel(batch) { Append = spool.AppendAsync(batch) };
        _parcels.Enqueue(_last);
    }

    /// <summary>The socket was empty at <paramref name="at"/> and all that came before has been sent: when that is durable, so is the horizon.</summary>
    public void FoundEmpty(DateTimeOffset at)
    {
        if (IsEmpty)
            mark.Advance(at);
        else
            _last!.EmptyAfter = at;
    }

    /// <summary>Takes note of the batches that have become durable, in order; sends again what failed, after a back-off.</summary>
    /// <param name="wait">Block until the oldest is durable.</param>
    /// <param name="stop">Ends the wait for a spool that fails.</param>
    /// <exception cref="OperationCanceledException">Stopped while the spool could not store.</exception>
    public void Collect(bool wait, CancellationToken stop)
    {
        while (_parcels.TryPeek(out var oldest))
        {
            if (_retryAt is { } at && !SendAgain(at, wait, stop))
                return;
            if (!wait && !oldest.Append.IsCompleted)
                return;
            if (oldest.Failure() is { } failure)
            {
                report.Waiting($"{Waiting} messages wait for the spool: {failure.Message}");
                _retryAt = time.GetUtcNow() + _backoff.Next();
                continue;
            }
            _parcels.Dequeue();
            _backoff.Reset();
            report.Stored(oldest.Messages, oldest.Batch.Quarantined.Count);
            report.Reading();
            if (oldest.EmptyAfter is { } empty)
                mark.Advance(empty);
            wait = false;
        }
    }

    /// <summary>
    /// Hands over again, in order, what was not stored; false when it is too early. A later batch may have been stored before an earlier one;
    /// the horizon has not moved, so the sequencer puts them right.
    /// </summary>
    private bool SendAgain(DateTimeOffset at, bool wait, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var left = at - time.GetUtcNow();
        if (left > TimeSpan.Zero && !wait)
            return false;
        _backoff.Wait(left, stop);
        foreach (var parcel in _parcels)
        {
            if (parcel.Failure() is not null)
                parcel.Append = spool.AppendAsync(parcel.Batch);
        }
        _retryAt = null;
        return true;
    }

    private sealed class Parcel(SourceBatch batch)
    {
        public SourceBatch Batch => batch;
        public int Messages => batch.Events.Count + batch.Quarantined.Count;
        public required Task<long> Append { get; set; }
        public DateTimeOffset? EmptyAfter { get; set; }

        /// <summary>Blocks until the append has an end; why it was not stored, null when it was. Other failures are thrown: retrying is no use.</summary>
        public JournalUnavailableException? Failure()
        {
            try
            {
                Append.GetAwaiter().GetResult();
                return null;
            }
            catch (JournalUnavailableException e)
            {
                return e;
            }
        }
    }
}
