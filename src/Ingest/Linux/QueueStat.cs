namespace FtpActors.Ingest.Linux;

/// <summary>Figures of a message queue (IPC_STAT).</summary>
/// <param name="Messages">Messages that wait (msg_qnum).</param>
/// <param name="Bytes">Bytes of their texts (msg_cbytes).</param>
/// <param name="LimitBytes">Bytes of text it may hold (msg_qbytes); senders wait above that.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Uid">User id of the owner.</param>
/// <param name="LastSenderPid">Process that sent last, 0 when none.</param>
/// <param name="LastReceiverPid">Process that received last, 0 when none.</param>
public readonly record struct QueueStat(
    ulong Messages, ulong Bytes, ulong LimitBytes, int Mode, uint Uid, int LastSenderPid, int LastReceiverPid)
{
    /// <summary>Group or others may write: any of them can forge events.</summary>
    public bool OthersMayWrite => (Mode & 0b010_010) != 0;
}
