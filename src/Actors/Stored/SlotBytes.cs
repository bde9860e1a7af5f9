using System.Buffers;
using FtpActors.Actors.Logins;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of login slots.</summary>
internal static class SlotBytes
{
    public static void Write(ArrayBufferWriter<byte> output, SlotsChanged change)
    {
        var to = new ByteWriter(output);
        to.Int64(change.LastId);
        to.List(change.Set, Write);
        to.List(change.Removed, static (w, id) => w.Int64(id));
    }

    public static SlotsChanged? Read(ref ByteReader from)
    {
        var (last, set) = (from.Int64(), from.List(ReadSlot));
        var removed = from.List(static (ref ByteReader r) => r.Int64());
        return from.IsGood ? new SlotsChanged(last, set, removed) : null;
    }

    public static void Write(ByteWriter to, LoginSlot slot)
    {
        to.Int64(slot.Id);
        Write(to, slot.Claim);
        to.TextOrNull(slot.Session);
        to.Time(slot.ReservedAt);
        to.Time(slot.ExpiresAt);
    }

    public static void Write(ByteWriter to, LoginClaim claim)
    {
        to.Text(claim.User);
        to.Text(claim.Host);
        to.Text(claim.Remote);
    }

    public static LoginClaim ReadClaim(ref ByteReader from) => new(from.Text(), from.Text(), from.Text());

    public static LoginSlot ReadSlot(ref ByteReader from) =>
        new(from.Int64(), ReadClaim(ref from), from.TextOrNull(), from.Time(), from.Time());
}
