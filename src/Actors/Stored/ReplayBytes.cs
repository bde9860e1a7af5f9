using System.Buffers;
using FtpActors.Actors.Replay;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of replays.</summary>
internal static class ReplayBytes
{
    public static void Write(ArrayBufferWriter<byte> output, ReplayRecord replay)
    {
        var to = new ByteWriter(output);
        to.Text(replay.Id);
        to.Text(replay.Parameters);
        to.Byte((byte)replay.State);
        to.Time(replay.CreatedAt);
        to.Int64(replay.Read);
        to.Int64(replay.Matched);
        to.Int64(replay.Made);
    }

    public static ReplayRecord? Read(ref ByteReader from)
    {
        var (id, parameters, state) = (from.Text(), from.Text(), from.Enum<ReplayState>());
        var replay = new ReplayRecord(id, parameters, state, from.Time(), from.Int64(), from.Int64(), from.Int64());
        return from.IsGood ? replay : null;
    }
}
