using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Udp;

/// <summary>A bound UDP socket with a large receive buffer and the kernel's count of what it dropped.</summary>
internal sealed class UdpPort : IDisposable
{
    private readonly Socket _socket;
    private uint _drops;

    private UdpPort(Socket socket) => _socket = socket;

    public Socket Socket => _socket;

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Bytes of the receive buffer as the kernel counts them, halved: it doubles what it is asked for, to pay for its own overhead.</summary>
    public int ReceiveBuffer => Option(SocketCalls.SO_RCVBUF, 1)[0] / 2;

    /// <exception cref="SocketException">The address is taken, not of this machine, or not allowed.</exception>
    public static UdpPort Bind(IPEndPoint listen, int receiveBuffer)
    {
        var socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (listen.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            Enlarge(socket, receiveBuffer);
            socket.Bind(listen);
            return new UdpPort(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Datagrams the kernel dropped since the last call, because the buffer was full. SO_MEMINFO has the counter of SO_RXQ_OVFL, but needs no later
    /// datagram to bring it: the drops at the end of a burst are seen too. It is 32 bits wide, so the difference is taken modulo that.
    /// </summary>
    public long NewDrops()
    {
        var now = (uint)Option(SocketCalls.SO_MEMINFO, SocketCalls.SK_MEMINFO_VARS)[SocketCalls.SK_MEMINFO_DROPS];
        var more = unchecked(now - _drops);
        _drops = now;
        return more;
    }

    /// <summary>Waits until there is something to read.</summary>
    public void Wait(TimeSpan most) => _socket.Poll(most, SelectMode.SelectRead);

    public void Dispose() => _socket.Dispose();

    private static void Enlarge(Socket socket, int bytes)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(value, bytes);
        try
        {
            socket.SetRawSocketOption(SocketCalls.SOL_SOCKET, SocketCalls.SO_RCVBUFFORCE, value);
        }
        catch (SocketException)
        {
            // Without CAP_NET_ADMIN: as much as net.core.rmem_max allows. The source compares and warns.
            socket.ReceiveBufferSize = bytes;
        }
    }

    private ReadOnlySpan<int> Option(int name, int values)
    {
        var bytes = new byte[values * sizeof(int)];
        _socket.GetRawSocketOption(SocketCalls.SOL_SOCKET, name, bytes);
        return MemoryMarshal.Cast<byte, int>(bytes);
    }
}
