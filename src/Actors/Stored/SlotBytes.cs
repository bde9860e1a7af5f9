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

    private static void Write(ByteWriter to, LoginSlot slot)
    {
        to.Int64(slot.Id);
        to.Text(slot.Claim.User);
        to.Text(slot.Claim.Host);
        to.Text(slot.Claim.Remote);
        to.TextOrNull(slot.Session);
        to.Time(slot.ReservedAt);
        to.Time(slot.ExpiresAt);
    }

    private static LoginSlot ReadSlot(ref ByteReader from) =>
        new(from.Int64(), new LoginClaim(from.Text(), from.Text(), from.Text()), from.TextOrNull(), from.Time(), from.Time());
}
