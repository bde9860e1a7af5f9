using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>Receive, then store. What was received and is not yet durable, at most one batch, dies with a killed process.</summary>
internal sealed class FastTake(SystemVQueue queue, int textBytes, int batch, StoreMessages store)
{
    private readonly byte[] _buffer = new byte[SystemVQueue.TypeBytes + textBytes];
    private readonly List<byte[]> _inHand = [];

    /// <summary>Takes up to a batch from the head of the queue; false when it is empty.</summary>
    public bool Take()
    {
        // A batch that could not be stored is still in hand when a receive has failed in between.
        while (_inHand.Count < batch)
        {
            var text = queue.TryReceive(_buffer);
            if (text < 0)
                break;
            _inHand.Add(_buffer[..(SystemVQueue.TypeBytes + text)]);
        }
        return StoreInHand();
    }

    /// <summary>Takes over an empty message that the doorbell took; it is stored with the next batch.</summary>
    public void Hold(long type) => _inHand.Add(BitConverter.GetBytes(type));

    /// <summary>Stores what was received before the queue failed; false when there is nothing.</summary>
    public bool StoreInHand()
    {
        if (_inHand.Count == 0)
            return false;
        store(_inHand, null);
        _inHand.Clear();
        return true;
    }

    /// <summary>At a stop with a spool that cannot store: sends what is in hand back, to the end of the queue. Returns how many did not fit and are lost.</summary>
    public int PutBack()
    {
        var back = 0;
        try
        {
            while (back < _inHand.Count && queue.TrySend(BitConverter.ToInt64(_inHand[back]), _inHand[back].AsSpan(SystemVQueue.TypeBytes)))
                back++;
        }
        catch (SystemVQueueException)
        {
            // Removed, or ours to read but not to write: the rest counts as lost.
        }
        var lost = _inHand.Count - back;
        _inHand.Clear();
        return lost;
    }
}
