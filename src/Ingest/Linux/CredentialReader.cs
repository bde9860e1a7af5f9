using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>Up to 64 datagrams of a Unix socket per system call, each with its sender's process by the kernel's word (SCM_CREDENTIALS, unix(7)).</summary>
internal sealed unsafe class CredentialReader : IDisposable
{
    private const int Most = 64;
    private const int LongestLine = 8192;
    private const int SO_PASSCRED = 16;
    private const int SCM_CREDENTIALS = 2;

    // struct cmsghdr (length of 8 bytes, level, type) and struct ucred (pid, uid, gid), padded to 8 bytes.
    private const int ControlBytes = 32;
    private const int PidAt = 16;

    private readonly byte* _bytes = (byte*)NativeMemory.AllocZeroed(Most, LongestLine);
    private readonly byte* _control = (byte*)NativeMemory.AllocZeroed(Most, ControlBytes);
    private readonly SocketCalls.Iovec* _iov = (SocketCalls.Iovec*)NativeMemory.AllocZeroed(Most, (nuint)sizeof(SocketCalls.Iovec));
    private readonly SocketCalls.Mmsghdr* _heads = (SocketCalls.Mmsghdr*)NativeMemory.AllocZeroed(Most, (nuint)sizeof(SocketCalls.Mmsghdr));

    /// <summary>Has the kernel tell the senders of what a socket receives from now on.</summary>
    public static void Ask(Socket socket) => socket.SetRawSocketOption(SocketCalls.SOL_SOCKET, SO_PASSCRED, BitConverter.GetBytes(1));

    /// <summary>Reads what is there without waiting; the number of datagrams, 0 when there are none.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public int Read(Socket socket)
    {
        for (var i = 0; i < Most; i++)
        {
            _iov[i] = new SocketCalls.Iovec { Base = _bytes + i * LongestLine, Length = LongestLine };
            _heads[i] = new SocketCalls.Mmsghdr { Iov = _iov + i, IovLength = 1, Control = _control + i * ControlBytes, ControlLength = ControlBytes };
        }
        return SocketCalls.Receive(socket, _heads, Most);
    }

    /// <summary>Bytes of datagram <paramref name="i"/> of the last <see cref="Read"/>, as far as they fitted.</summary>
    public ReadOnlySpan<byte> Datagram(int i) => new(_iov[i].Base, (int)_heads[i].Length);

    /// <summary>The process that sent it; 0 when it is of another world (a container) that this one does not see.</summary>
    public int Sender(int i)
    {
        var control = new ReadOnlySpan<byte>(_control + i * ControlBytes, ControlBytes);
        return _heads[i].ControlLength >= PidAt + sizeof(int) && MemoryMarshal.Read<int>(control[8..]) == SocketCalls.SOL_SOCKET && MemoryMarshal.Read<int>(control[12..]) == SCM_CREDENTIALS
            ? MemoryMarshal.Read<int>(control[PidAt..])
            : 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        NativeMemory.Free(_control);
        NativeMemory.Free(_iov);
        NativeMemory.Free(_heads);
    }
}
