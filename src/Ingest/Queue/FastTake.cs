using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// Receive, then store. What comes while a batch is being stored is the next one: under load batches grow, and each costs one write whatever is in it. What was received and is
/// not yet durable, at most two batches, dies with a killed process.
/// </summary>
internal sealed class FastTake(SystemVQueue queue, int textBytes, int most, Feed<QueueBatch> feed, SourceReport report)
{
    // A queue of 16 KiB fills up in about the first time when its senders are fast; the last is for a spool that cannot store.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(100);

    private readonly byte[] _buffer = new byte[SystemVQueue.TypeBytes + textBytes];
    private List<byte[]> _inHand = [];
    private (IReadOnlyList<byte[]> Messages, Word Word)? _storing;

    /// <summary>Takes up to a batch from the head of the queue; false when it is empty and all is stored.</summary>
    public bool Take()
    {
        Receive();
        for (var look = FirstLook; !IsStored(look); look = look < LongestLook ? look * 1.5 : LongestLook)
        {
            // While the spool cannot store, the queue keeps what comes.
            if (!report.IsWaiting)
                Receive();
        }
        if (_inHand.Count == 0)
            return false;
        Begin();
        return true;
    }

    /// <summary>Takes over an empty message that the doorbell took; it is stored with the next batch.</summary>
    public void Hold(long type) => _inHand.Add(BitConverter.GetBytes(type));

    /// <summary>Stores what was received before the queue failed; false when there is nothing.</summary>
    public bool StoreInHand()
    {
        IsStored(Timeout.InfiniteTimeSpan);
        if (_inHand.Count == 0)
            return false;
        Begin();
        return IsStored(Timeout.InfiniteTimeSpan);
    }

    /// <summary>At a stop with a spool that cannot store: sends what is in hand back, to the end of the queue. Returns how many did not fit and are lost.</summary>
    public int PutBack()
    {
        IReadOnlyList<byte[]> all = [.. _storing?.Messages ?? [], .. _inHand];
        var back = 0;
        try
        {
            while (back < all.Count && queue.TrySend(BitConverter.ToInt64(all[back]), all[back].AsSpan(SystemVQueue.TypeBytes)))
                back++;
        }
        catch (SystemVQueueException)
        {
            // Removed, or ours to read but not to write: the rest counts as lost.
        }
        _inHand.Clear();
        _storing = null;
        return all.Count - back;
    }

    // What could not be stored is still in hand when a receive has failed in between.
    private void Receive()
    {
        while (_inHand.Count < most)
        {
            var text = queue.TryReceive(_buffer);
            if (text < 0)
                break;
            _inHand.Add(_buffer[..(SystemVQueue.TypeBytes + text)]);
        }
    }

    private void Begin()
    {
        var messages = _inHand;
        // Before it is given: what the stream does not take is put back.
        _storing = (messages, feed.Begin(new QueueBatch(messages, null)));
        _inHand = [];
    }

    private bool IsStored(TimeSpan patience)
    {
        if (_storing is not { } storing)
            return true;
        if (!feed.IsStored(storing.Word, patience))
            return false;
        _storing = null;
        return true;
    }
}
