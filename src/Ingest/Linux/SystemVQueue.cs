using System.Runtime.InteropServices;
using Calls = FtpActors.Ingest.Linux.MessageQueueCalls;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// A System V message queue. It is a number, not a descriptor: nothing has to be closed, and it outlives every process.
/// A message here is the kernel's struct msgbuf: 8 bytes of type (native order, above 0) and then the text.
/// </summary>
public readonly unsafe struct SystemVQueue : IEquatable<SystemVQueue>
{
    /// <summary>Bytes of the type before the text.</summary>
    public const int TypeBytes = sizeof(long);

    /// <summary>Longest wait of <see cref="Send"/> between two tries.</summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Room of the first try to copy. The kernel takes memory for the whole buffer and copies its old content in before it looks at the message
    /// (ipc/msg.c, prepare_copy).
    /// </summary>
    private const int FirstCopyBytes = TypeBytes + 1096;

    internal SystemVQueue(int id) => Id = id;

    /// <summary>The kernel's msqid. A queue that is removed and made again gets another one.</summary>
    public int Id { get; }

    /// <summary>Opens the queue of a key, or makes it with <paramref name="mode"/> (permission bits, the umask does not apply) when there is none.</summary>
    /// <exception cref="SystemVQueueException">The kernel refused, such as ENOSPC: the system's limit of queues (kernel.msgmni).</exception>
    public static SystemVQueue OpenOrCreate(QueueKey key, int mode)
    {
        while (true)
        {
            // No permission is asked for here: a reader needs only "read" and a sender only "write", and each call says so itself.
            if (TryOpen(key) is { } open)
                return open;
            var id = Calls.msgget((int)key.Value, Calls.IPC_CREAT | Calls.IPC_EXCL | (mode & 0x1FF));
            if (id >= 0)
                return new SystemVQueue(id);
            var errno = Marshal.GetLastPInvokeError();
            // EEXIST: another process made it between the two calls.
            if (errno != Errno.EEXIST)
                throw new SystemVQueueException("msgget", errno);
        }
    }

    /// <summary>Opens the queue of a key, null when there is none.</summary>
    /// <exception cref="SystemVQueueException">The kernel refused.</exception>
    public static SystemVQueue? TryOpen(QueueKey key)
    {
        var id = Calls.msgget((int)key.Value, 0);
        if (id >= 0)
            return new SystemVQueue(id);
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.ENOENT ? null : throw new SystemVQueueException("msgget", errno);
    }

    /// <summary>Sends a message; false when the queue is full.</summary>
    /// <param name="type">From 1.</param>
    /// <param name="text">Up to kernel.msgmax bytes (8192 by default).</param>
    /// <exception cref="SystemVQueueException">No permission, removed, or the text is too long (EINVAL).</exception>
    public bool TrySend(long type, ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(type);
        var message = text.Length <= 2048 ? stackalloc byte[TypeBytes + text.Length] : new byte[TypeBytes + text.Length];
        MemoryMarshal.Write(message, type);
        text.CopyTo(message[TypeBytes..]);
        fixed (byte* p = message)
        {
            while (Calls.msgsnd(Id, p, (nuint)text.Length, Calls.IPC_NOWAIT) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EAGAIN)
                    return false;
                if (errno != Errno.EINTR)
                    throw new SystemVQueueException("msgsnd", errno);
            }
        }
        return true;
    }

    /// <summary>
    /// Sends a message and waits while the queue is full. It tries again and again instead of blocking in msgsnd, which could not be cancelled.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled; nothing was sent.</exception>
    /// <exception cref="SystemVQueueException">As <see cref="TrySend"/>.</exception>
    public void Send(long type, ReadOnlySpan<byte> text, CancellationToken cancel)
    {
        var nap = TimeSpan.FromMicroseconds(50);
        cancel.ThrowIfCancellationRequested();
        while (!TrySend(type, text))
        {
            cancel.ThrowIfCancellationRequested();
            TimeCalls.Nap(nap);
            nap = nap * 2 < LongestNap ? nap * 2 : LongestNap;
        }
    }

    /// <summary>Takes the first message of any type into <paramref name="message"/> (type and text); bytes of text, or -1 when the queue is empty.</summary>
    /// <exception cref="SystemVQueueException">No permission, removed, or E2BIG: the text does not fit and stays in the queue.</exception>
    public int TryReceive(Span<byte> message) => TextBytes("msgrcv", Receive(message, 0, Calls.IPC_NOWAIT));

    /// <summary>Copies the message at <paramref name="index"/> (0 is the first) and leaves it; bytes of text, or -1 when there is none.</summary>
    /// <exception cref="SystemVQueueException">As <see cref="TryReceive"/>; ENOSYS when the kernel cannot copy.</exception>
    public int TryCopy(int index, Span<byte> message)
    {
        const int flags = Calls.MSG_COPY | Calls.IPC_NOWAIT;
        var result = Receive(message[..Math.Min(message.Length, FirstCopyBytes)], index, flags);
        if (result == -Errno.E2BIG && message.Length > FirstCopyBytes)
            result = Receive(message, index, flags);
        return TextBytes("msgrcv(MSG_COPY)", result);
    }

    /// <summary>
    /// Sleeps until the queue has a message and leaves it there; also returns at a signal that has a handler. This is a receive with no room for a text
    /// and without MSG_NOERROR: for a message with a text the kernel answers E2BIG, at once or by waking the sleeper, and keeps the message
    /// (ipc/msg.c: do_msgrcv, pipelined_send). MSG_COPY cannot wait: it demands IPC_NOWAIT.
    /// </summary>
    /// <returns>0, or the type (from 1) of a message with an empty text: it fits, so it is taken.</returns>
    /// <exception cref="SystemVQueueException">No permission, or removed, also while it sleeps.</exception>
    public long WaitForMessage()
    {
        long type;
        if (Calls.msgrcv(Id, &type, 0, 0, 0) >= 0)
            return type;
        var errno = Marshal.GetLastPInvokeError();
        return errno is Errno.E2BIG or Errno.EINTR ? 0 : throw new SystemVQueueException("msgrcv", errno);
    }

    /// <summary>The queue's figures.</summary>
    /// <exception cref="SystemVQueueException">No permission to read, or removed.</exception>
    public QueueStat Stat()
    {
        Calls.MsqidDs ds;
        Control("msgctl(IPC_STAT)", Calls.IPC_STAT, &ds);
        return new QueueStat(ds.Messages, ds.Bytes, ds.LimitBytes, (int)(ds.Mode & 0x1FF), ds.Uid, ds.LastSenderPid, ds.LastReceiverPid);
    }

    /// <summary>Sets how many bytes of text the queue may hold. Above kernel.msgmnb this needs CAP_SYS_RESOURCE, and always the owner or CAP_SYS_ADMIN.</summary>
    /// <exception cref="SystemVQueueException">EPERM: not allowed; or removed.</exception>
    public void Resize(ulong bytes)
    {
        Calls.MsqidDs ds;
        Control("msgctl(IPC_STAT)", Calls.IPC_STAT, &ds);
        ds.LimitBytes = bytes;
        Control("msgctl(IPC_SET)", Calls.IPC_SET, &ds);
    }

    /// <summary>Removes the queue with all that is in it. For tests and benches that made it: a source never does this.</summary>
    /// <exception cref="SystemVQueueException">Not allowed, or removed already.</exception>
    public void Remove() => Control("msgctl(IPC_RMID)", Calls.IPC_RMID, null);

    /// <inheritdoc/>
    public bool Equals(SystemVQueue other) => Id == other.Id;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SystemVQueue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Id;

    /// <summary>Same queue.</summary>
    public static bool operator ==(SystemVQueue left, SystemVQueue right) => left.Equals(right);

    /// <summary>Another queue.</summary>
    public static bool operator !=(SystemVQueue left, SystemVQueue right) => !left.Equals(right);

    /// <summary>Bytes of text, or an errno below 0.</summary>
    private int Receive(Span<byte> message, nint type, int flags)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, TypeBytes);
        fixed (byte* p = message)
        {
            while (true)
            {
                var n = Calls.msgrcv(Id, p, (nuint)(message.Length - TypeBytes), type, flags);
                if (n >= 0)
                    return (int)n;
                var errno = Marshal.GetLastPInvokeError();
                if (errno != Errno.EINTR)
                    return -errno;
            }
        }
    }

    private static int TextBytes(string call, int result) => result switch
    {
        >= 0 => result,
        -Errno.ENOMSG => -1,
        _ => throw new SystemVQueueException(call, -result),
    };

    private void Control(string call, int command, Calls.MsqidDs* ds)
    {
        if (Calls.msgctl(Id, command, ds) != 0)
            throw new SystemVQueueException(call, Marshal.GetLastPInvokeError());
    }
}
