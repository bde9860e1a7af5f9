using FtpActors.Actors.Deliveries;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of deliveries and their tries.</summary>
internal static class DeliveryBytes
{
    public static void Write(ByteWriter to, NewDelivery delivery)
    {
        to.Text(delivery.Key);
        to.Text(delivery.Rule);
        to.Text(delivery.Trigger);
        to.TextOrNull(delivery.Session);
        to.Byte(delivery.Ordered ? (byte)1 : (byte)0);
        to.TextOrNull(delivery.OnHost);
        to.Text(delivery.Facts);
        to.Time(delivery.DueAt);
        to.TextOrNull(delivery.Replay);
    }

    public static NewDelivery Read(ref ByteReader from) =>
        new(from.Text(), from.Text(), from.Text(), from.TextOrNull(), from.Byte() != 0, from.TextOrNull(), from.Text(), from.Time(), from.TextOrNull());

    public static void Write(ByteWriter to, DeliveryTry made)
    {
        to.Count((ulong)made.Number);
        to.Count((ulong)made.Step);
        to.Text(made.Node);
        to.Time(made.StartedAt);
        to.Time(made.EndedAt);
        to.Byte(made.Succeeded ? (byte)1 : (byte)0);
        to.NumberOrNull(made.Code);
        to.Text(made.Summary);
        to.Text(made.FirstOutput);
        to.Text(made.LastOutput);
    }

    public static DeliveryTry ReadTry(ref ByteReader from) => new(
        (int)from.Count(), (int)from.Count(), from.Text(), from.Time(), from.Time(), from.Byte() != 0, (int?)from.NumberOrNull(), from.Text(), from.Text(), from.Text());

    public static void Write(ByteWriter to, OwedDelivery owed)
    {
        to.Count((ulong)owed.Id);
        Write(to, owed.Delivery);
        to.Time(owed.CreatedAt);
        to.Byte((byte)owed.State);
        to.Count((ulong)owed.Step);
        to.Count((ulong)owed.Attempt);
        to.Count((ulong)owed.Tries);
        to.TimeOrNull(owed.FinishedAt);
    }

    public static OwedDelivery ReadOwed(ref ByteReader from)
    {
        var owed = new OwedDelivery((long)from.Count(), Read(ref from), from.Time());
        return owed with
        {
            State = from.Enum<DeliveryState>(), Step = (int)from.Count(), Attempt = (int)from.Count(), Tries = (int)from.Count(), FinishedAt = from.TimeOrNull(),
        };
    }
}
