using System.Net;
using System.Net.Sockets;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Passes connections on to a port of loopback: the way to it from another network namespace.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly int _port;
    private readonly Task _accepting;

    public TcpRelay(IPAddress address, int port)
    {
        _port = port;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true)
                relays.Add(RelayAsync(await _listener.AcceptTcpClientAsync()));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Ended. Its connections end with their nodes.
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _port);
            try
            {
                await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream()), server.GetStream().CopyToAsync(client.GetStream()));
            }
            catch (IOException)
            {
                // One side was killed; the other hears of it by the end of its connection.
            }
        }
    }
}
