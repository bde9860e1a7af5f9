using System.Buffers;
using FtpActors.Actors.Handlers;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of a handler's facts.</summary>
internal static class FactBytes
{
    public static void Write(ArrayBufferWriter<byte> output, EventsTaken taken)
    {
        var to = new ByteWriter(output);
        to.Count((ulong)taken.PlannedUpTo);
        to.List(taken.Parts, (w, part) =>
        {
            w.Text(part.Spool);
            w.Text(part.Host);
            w.TimeOrNull(part.Horizon);
            StoredEvents.Write(output, part.Events);
        });
    }

    public static EventsTaken? ReadTaken(ref ByteReader from)
    {
        var plannedUpTo = (long)from.Count();
        var parts = new SpoolPart[from.Length()];
        for (var i = 0; i < parts.Length && from.IsGood; i++)
        {
            var spool = from.Text();
            parts[i] = new SpoolPart(spool, from.Text(), from.TimeOrNull(), StoredEvents.Read(ref from, spool));
        }
        return from.IsGood ? new EventsTaken(plannedUpTo, parts) : null;
    }

    public static void Write(ArrayBufferWriter<byte> output, DeliveriesPlanned planned)
    {
        var to = new ByteWriter(output);
        to.Count((ulong)planned.UpTo);
        to.Time(planned.At);
        to.List(planned.Deliveries, DeliveryBytes.Write);
        to.TextOrNull(planned.Replay?.Id);
        to.Int64(planned.Replay?.Row ?? 0);
    }

    public static DeliveriesPlanned? ReadPlanned(ref ByteReader from)
    {
        var (upTo, at) = ((long)from.Count(), from.Time());
        var deliveries = from.List(DeliveryBytes.Read);
        var (replay, row) = (from.TextOrNull(), from.Int64());
        return from.IsGood ? new DeliveriesPlanned(upTo, at, deliveries, replay is null ? null : new ReplayPlace(replay, row)) : null;
    }

    public static void Write(ArrayBufferWriter<byte> output, DeliveryTried tried)
    {
        var to = new ByteWriter(output);
        to.Count((ulong)tried.Id);
        to.Byte((byte)tried.State);
        to.Count((ulong)tried.Step);
        to.Count((ulong)tried.Attempt);
        to.Time(tried.DueAt);
        DeliveryBytes.Write(to, tried.Try);
        to.List(tried.Followups, DeliveryBytes.Write);
    }

    public static DeliveryTried? ReadTried(ref ByteReader from)
    {
        var (id, state) = ((long)from.Count(), from.Enum<DeliveryState>());
        var (step, attempt, dueAt) = ((int)from.Count(), (int)from.Count(), from.Time());
        var made = DeliveryBytes.ReadTry(ref from);
        var followups = from.List(DeliveryBytes.Read);
        return from.IsGood ? new DeliveryTried(id, state, step, attempt, dueAt, made, followups) : null;
    }

    public static void Write(ArrayBufferWriter<byte> output, DeliveriesOrdered ordered)
    {
        var to = new ByteWriter(output);
        to.Byte((byte)ordered.Order);
        to.Time(ordered.At);
        to.List(ordered.Ids, static (w, id) => w.Count((ulong)id));
    }

    public static DeliveriesOrdered? ReadOrdered(ref ByteReader from)
    {
        var (order, at) = (from.Enum<DeliveryOrder>(), from.Time());
        var ids = from.List(static (ref ByteReader r) => (long)r.Count());
        return from.IsGood ? new DeliveriesOrdered(order, at, ids) : null;
    }
}
