using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>sys/socket.h. Layouts and numbers are those of 64-bit Linux (asm-generic), the same on x86-64 and arm64.</summary>
internal static unsafe partial class SocketCalls
{
    public const int SOL_SOCKET = 1;
    public const int SO_RCVBUF = 8;
    /// <summary>As SO_RCVBUF, but above net.core.rmem_max; needs CAP_NET_ADMIN.</summary>
    public const int SO_RCVBUFFORCE = 33;
    /// <summary>Figures of the socket's memory as nine u32 (linux/sock_diag.h); the last is the count of drops, the very one of SO_RXQ_OVFL. Linux 4.12.</summary>
    public const int SO_MEMINFO = 55;
    public const int SK_MEMINFO_VARS = 9;
    public const int SK_MEMINFO_DROPS = 8;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const ushort AF_INET = 2;
    public const ushort AF_INET6 = 10;
    /// <summary>sizeof(struct sockaddr_in6), the larger of the two families.</summary>
    public const int AddressBytes = 28;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int recvmmsg(SafeHandle socket, Mmsghdr* messages, uint count, int flags, void* timeout);

    /// <summary>Datagrams that are there, without waiting; 0 when there are none.</summary>
    /// <exception cref="IOException">The kernel refused.</exception>
    public static int Receive(Socket socket, Mmsghdr* messages, uint count)
    {
        while (true)
        {
            var n = recvmmsg(socket.SafeHandle, messages, count, MSG_DONTWAIT, null);
            if (n >= 0)
                return n;
            var errno = Marshal.GetLastPInvokeError();
            if (errno == Errno.EAGAIN)
                return 0;
            if (errno != Errno.EINTR)
                throw new IOException($"recvmmsg: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})");
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Iovec
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct mmsghdr: struct msghdr (56 bytes) and the length received. musl pads what glibc declares as size_t: the same bytes on little-endian.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Mmsghdr
    {
        public byte* Name;
        public uint NameLength;
        public Iovec* Iov;
        public nuint IovLength;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly uint _endOfMsghdr;
        public uint Length;
        private readonly uint _endOfMmsghdr;
    }
}
