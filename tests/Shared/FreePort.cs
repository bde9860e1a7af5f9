using System.Net;
using System.Net.Sockets;

namespace FtpActors.Tests.Shared;

/// <summary>
/// Ports of loopback for the servers of tests. None is given twice by one process, and none is of those that the kernel gives to outgoing connections: another test
/// could have one of these before its server binds it.
/// </summary>
public static class FreePort
{
    private const int First = 12_000;
    private const int Count = 20_000;

    // Processes that run beside each other begin far apart.
    private static int _next = Random.Shared.Next(Count);

    /// <summary>One that nobody has now, neither of TCP nor of UDP.</summary>
    public static int Take()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            if (IsFree(port, SocketType.Stream, ProtocolType.Tcp) && IsFree(port, SocketType.Dgram, ProtocolType.Udp))
                return port;
        }
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
