using FtpActors.Actors.Handlers;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Wire;

/// <summary>The bytes of how a handler does.</summary>
internal static class StatusBytes
{
    public static void Write(ByteWriter to, HandlerStatus status)
    {
        to.Count((ulong)status.Handler);
        to.Int64(status.Row);
        to.Count((ulong)status.OpenSessions);
        to.Count((ulong)status.Waiting);
        to.TimeOrNull(status.OldestWaiting);
        to.List(status.Places, (w, place) => { w.Text(place.Key); w.Int64(place.Value); });
        to.Int64(status.Duplicates);
        to.Int64(status.Reordered);
        to.Int64(status.Damaged);
        to.Text(status.Node);
    }

    public static HandlerStatus Read(ref ByteReader from) => new(
        (int)from.Count(), from.Int64(), (int)from.Count(), (int)from.Count(), from.TimeOrNull(), from.List((ref r) => KeyValuePair.Create(r.Text(), r.Int64())),
        from.Int64(), from.Int64(), from.Int64(), from.Text());
}
