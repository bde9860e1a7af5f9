using System.Buffers;
using System.Collections.Immutable;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of a handler's snapshot.</summary>
internal static class SnapshotBytes
{
    public static void Write(ArrayBufferWriter<byte> output, HandlerSnapshot snapshot)
    {
        var to = new ByteWriter(output);
        to.Count((ulong)snapshot.PlannedUpTo);
        to.List(snapshot.Places, static (w, place) =>
        {
            w.Text(place.Spool);
            w.Text(place.Host);
            w.Count((ulong)place.Seq);
        });
        to.List(snapshot.IdleLooks, static (w, look) =>
        {
            w.Text(look.Host);
            w.Time(look.At);
        });
        to.List(snapshot.Sequencer.Held, (w, held) =>
        {
            w.Text(held.Spool);
            w.Count((ulong)held.Seq);
            EventBytes.Write(output, held.Event);
        });
        to.List(snapshot.Sequencer.Remembered, static (w, message) =>
        {
            w.Text(message.Spool);
            w.Text(message.Fingerprint);
            w.Time(message.Expiry);
            w.Byte(message.IsLong ? (byte)1 : (byte)0);
        });
        to.List(snapshot.Sessions, Write);
        to.Count((ulong)snapshot.Deliveries.LastNumber);
        to.List(snapshot.Deliveries.Owed, DeliveryBytes.Write);
        to.List(snapshot.Replays, static (w, replay) =>
        {
            w.Text(replay.Id);
            w.Int64(replay.Row);
        });
        to.Count((ulong)snapshot.Duplicates);
        to.Count((ulong)snapshot.Reordered);
        to.Count((ulong)snapshot.Damaged);
    }

    public static HandlerSnapshot? Read(ref ByteReader from)
    {
        var snapshot = new HandlerSnapshot
        {
            PlannedUpTo = (long)from.Count(),
            Places = from.List(static (ref ByteReader r) => new SpoolPlace(r.Text(), r.Text(), (long)r.Count())),
            IdleLooks = from.List(static (ref ByteReader r) => (r.Text(), r.Time())),
            Sequencer = new SequencerSnapshot(
                from.List(ReadHeld), from.List(static (ref ByteReader r) => new RememberedMessage(r.Text(), r.Text(), r.Time(), r.Byte() != 0))),
            Sessions = from.List(ReadSession),
            Deliveries = new DeliveryBookSnapshot((long)from.Count(), from.List(DeliveryBytes.ReadOwed)),
            Replays = from.List(static (ref ByteReader r) => new ReplayPlace(r.Text(), r.Int64())),
            Duplicates = (long)from.Count(),
            Reordered = (long)from.Count(),
            Damaged = (long)from.Count(),
        };
        return from.IsGood ? snapshot : null;
    }

    private static StoredEvent ReadHeld(ref ByteReader from)
    {
        var (spool, seq) = (from.Text(), (long)from.Count());
        // The reader is not good any more when there is no event, and nothing of the snapshot is used then.
        return new StoredEvent(spool, seq, EventBytes.Read(ref from)!);
    }

    private static void Write(ByteWriter to, SessionSnapshot session)
    {
        SessionBytes.Write(to, session.Record);
        to.Time(session.LastTransferEnd);
        to.Byte(session.Files is null ? (byte)0 : (byte)1);
        if (session.Files is { } files)
            to.List(files, SessionBytes.Write);
    }

    private static SessionSnapshot ReadSession(ref ByteReader from) => new(
        SessionBytes.Read(ref from), from.Time(), from.Byte() != 0 ? ImmutableList.CreateRange(from.List(SessionBytes.ReadFile)) : null);
}
