using System.Buffers;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of events of one spool with their seqs, which ascend.</summary>
internal static class StoredEvents
{
    public static void Write(ArrayBufferWriter<byte> output, IReadOnlyList<StoredEvent> events)
    {
        var to = new ByteWriter(output);
        to.Count((ulong)events.Count);
        var seq = 0L;
        foreach (var stored in events)
        {
            to.Count((ulong)(stored.Seq - seq));
            seq = stored.Seq;
            EventBytes.Write(output, stored.Event);
        }
    }

    public static IReadOnlyList<StoredEvent> Read(ref ByteReader from, string spool)
    {
        var events = new StoredEvent[from.Length()];
        var seq = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            seq += (long)from.Count();
            if (EventBytes.Read(ref from) is not { } e)
                return [];
            events[i] = new StoredEvent(spool, seq, e);
        }
        return events;
    }
}
