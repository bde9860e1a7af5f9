using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>Makes messages (type and text each) durable together with the bookmark; returns when they are.</summary>
internal delegate void StoreMessages(IReadOnlyList<byte[]> messages, byte[]? state);

/// <summary>
/// Copy, store, remove. The messages and the marks of what is now to be removed become durable in one transaction; the removal is
/// witnessed (<see cref="Witness"/>), so that after a kill at any point the next start knows what is left to remove and stores nothing twice.
/// </summary>
internal sealed class SafeTake(SystemVQueue queue, Witness witness, TakingState? state, ulong realm, int batch, StoreMessages store)
{
    private readonly byte[] _buffer = new byte[witness.Slot(0).Length];
    private TakingState? _state = state;

    /// <summary>Called after each step that changes anything outside of the process; tests stop here as a kill would.</summary>
    public Action<string>? Step { get; init; }

    /// <summary>How often a message was at the head that should not have been, or one was gone: another reader takes from the queue.</summary>
    public int Steals { get; private set; }

    /// <summary>Finishes the removal of the last stored batch. Must come before <see cref="Take"/>.</summary>
    public void Settle()
    {
        // Without a bookmark the file belongs to a life that this spool does not know: its batch numbers mean nothing here.
        if (_state is null || _state.Realm != realm)
            witness.Begin(0, 0);
        else
            while (!SettleOnce())
            {
            }
    }

    /// <summary>Takes up to a batch from the head of the queue; false when it is empty.</summary>
    public bool Take()
    {
        var messages = Copy(batch);
        if (messages.Count == 0)
            return false;
        // To copy the next batch meanwhile was measured and is slower: its copies begin behind this batch, which makes three times as many steps.
        Store(messages, [.. messages.Select(m => MessageMark.Of(m))]);
        witness.Begin(_state!.Batch, 0);
        Step?.Invoke("begun");
        if (!Remove(0, (i, message) => message.SequenceEqual(messages[i])))
            Settle();
        return true;
    }

    private bool SettleOnce()
    {
        var (number, marks) = (_state!.Batch, _state.Marks);
        var gone = 0;
        if (witness.Read(number) is { } seen)
        {
            gone = seen.Removed;
            if (seen.Received is { } received)
            {
                if (gone == marks.Length || !IsMarked(received, marks[gone]))
                {
                    StoreForeign(Witness.Trim(received).ToArray(), gone);
                    return false;
                }
                gone++;
            }
        }
        // A queue that was made anew holds nothing of the batch, whatever it looks like.
        gone = _state.QueueId != queue.Id ? marks.Length : gone + GoneSince(marks.AsSpan(gone));
        witness.Begin(number, gone);
        Step?.Invoke("begun again");
        return Remove(gone, (i, message) => MessageMark.Of(message) == marks[i]);
    }

    private int GoneSince(ReadOnlySpan<MessageMark> left)
    {
        var head = Copy(left.Length);
        return HeadMatch.Gone(left, head.Select(m => MessageMark.Of(m)).ToArray());
    }

    /// <summary>Removes the rest of the batch from message <paramref name="from"/> on; false when another message came instead, which is stored then.</summary>
    private bool Remove(int from, IsExpected isExpected)
    {
        var count = _state!.Marks.Length;
        for (var i = from; i < count; i++)
        {
            witness.Clear(i + 1);
            Step?.Invoke("cleared");
            var slot = witness.Slot(i);
            var text = queue.TryReceive(slot);
            if (text < 0)
            {
                Steals++;
                witness.Count(count);
                return true;
            }
            Step?.Invoke("received");
            var message = slot[..(SystemVQueue.TypeBytes + text)];
            if (!isExpected(i, message))
            {
                StoreForeign(message.ToArray(), i);
                return false;
            }
            witness.Count(i + 1);
            Step?.Invoke("counted");
        }
        return true;
    }

    /// <summary>
    /// Stores a message that came out instead of message <paramref name="at"/> of the batch. Under the new batch number the witness knows nothing, so
    /// what is left is found by its marks.
    /// </summary>
    private void StoreForeign(byte[] message, int at)
    {
        Steals++;
        Store([message], _state!.Marks[at..]);
    }

    private void Store(IReadOnlyList<byte[]> messages, MessageMark[] marks)
    {
        var next = new TakingState(realm, queue.Id, (_state?.Batch ?? 0) + 1, marks);
        store(messages, next.Encode());
        _state = next;
        Step?.Invoke("stored");
    }

    private List<byte[]> Copy(int most)
    {
        var messages = new List<byte[]>();
        while (messages.Count < most)
        {
            var text = queue.TryCopy(messages.Count, _buffer);
            if (text < 0)
                break;
            messages.Add(_buffer[..(SystemVQueue.TypeBytes + text)]);
        }
        return messages;
    }

    private static bool IsMarked(ReadOnlySpan<byte> slot, MessageMark mark) =>
        mark.Length <= slot.Length && MessageMark.Of(slot[..mark.Length]) == mark && Witness.Trim(slot).Length <= mark.Length;

    private delegate bool IsExpected(int index, ReadOnlySpan<byte> message);
}
