using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>sys/msg.h. Constants are those of asm-generic, which x86-64 and arm64 share.</summary>
internal static unsafe partial class MessageQueueCalls
{
    public const int IPC_CREAT = 0x200;
    public const int IPC_EXCL = 0x400;
    public const int IPC_NOWAIT = 0x800;
    public const int IPC_RMID = 0;
    public const int IPC_SET = 1;
    public const int IPC_STAT = 2;
    /// <summary>Copy the message at the index given in msgtyp instead of taking one. Linux 3.8, CONFIG_CHECKPOINT_RESTORE; IPC_NOWAIT is a must.</summary>
    public const int MSG_COPY = 0x4000;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int msgget(int key, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int msgsnd(int id, void* message, nuint textBytes, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint msgrcv(int id, void* message, nuint textBytes, nint type, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int msgctl(int id, int command, MsqidDs* state);

    /// <summary>
    /// struct msqid_ds of 64-bit Linux: struct ipc64_perm (48 bytes) and what follows in asm-generic/msgbuf.h, 120 bytes in all. x86-64
    /// and arm64 both take the generic header, so one layout serves both; glibc and musl hand it to the kernel as it is.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 120)]
    public struct MsqidDs
    {
        [FieldOffset(0)] public int Key;
        [FieldOffset(4)] public uint Uid;
        [FieldOffset(8)] public uint Gid;
        [FieldOffset(12)] public uint CreatorUid;
        [FieldOffset(16)] public uint CreatorGid;
        [FieldOffset(20)] public uint Mode;
        [FieldOffset(48)] public long SendTime;
        [FieldOffset(56)] public long ReceiveTime;
        [FieldOffset(64)] public long ChangeTime;
        [FieldOffset(72)] public ulong Bytes;
        [FieldOffset(80)] public ulong Messages;
        [FieldOffset(88)] public ulong LimitBytes;
        [FieldOffset(96)] public int LastSenderPid;
        [FieldOffset(100)] public int LastReceiverPid;
    }
}
