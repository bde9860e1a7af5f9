using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>A way to a server that can go bad: a TCP relay that stops relaying without closing anything, or that loses the answer to a commit.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _running = [];
    private volatile string? _stalled;
    private int _answersToLose;
    private int _bytesToPass;

    public Relay(int target)
    {
        Target = target;
        _listener.Start();
        _running.Add(AcceptAsync());
    }

    /// <summary>Port that new connections are relayed to.</summary>
    public int Target { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing of connections whose application name begins so is passed on; their sockets stay open.</summary>
    public void Stall(string application) => StallAfter(application, -1);

    /// <summary>The same, after some more bytes to the server: in the middle of what is being sent.</summary>
    public void StallAfter(string application, int bytes)
    {
        Interlocked.Exchange(ref _bytesToPass, bytes);
        _stalled = application;
    }

    /// <summary>The next commit reaches the server, and its answer nobody: the connection ends instead.</summary>
    public void LoseNextAnswer() => Interlocked.Exchange(ref _answersToLose, 1);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Task[] running;
        lock (_running)
            running = [.. _running];
        await Task.WhenAll(running);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                lock (_running)
                    _running.Add(RelayAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var _ = client;
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target, _end.Token);
            var way = new Way();
            await Task.WhenAny(
                CopyAsync(client.GetStream(), server.GetStream(), bytes => ToServer(way, bytes)),
                CopyAsync(server.GetStream(), client.GetStream(), _ => way.LosesAnswer ? Passing.End : IsStalled(way) && _bytesToPass < 0 ? Passing.Stop : Passing.On));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private Passing ToServer(Way way, ReadOnlySpan<byte> bytes)
    {
        // The first message of a client, or the one after its wish for TLS, has its names and values as plain text.
        if (way.Greeting is null && bytes.IndexOf("user\0"u8) >= 0)
            way.Greeting = Encoding.UTF8.GetString(bytes);
        if (IsStalled(way) && Interlocked.Add(ref _bytesToPass, -bytes.Length) < 0)
            return Passing.Stop;
        // With its end: "READ COMMITTED" begins a transaction.
        if (bytes.IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _answersToLose, 0) == 1)
            way.LosesAnswer = true;
        return Passing.On;
    }

    private bool IsStalled(Way way) =>
        _stalled is { } application && way.Greeting?.Contains("application_name\0" + application, StringComparison.Ordinal) == true;

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<byte[], Passing> pass)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is var read and > 0)
            {
                switch (pass(buffer[..read]))
                {
                    case Passing.End:
                        return;
                    case Passing.Stop:
                        await Task.Delay(Timeout.Infinite, _end.Token);
                        break;
                    default:
                        await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
                        break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    private enum Passing
    {
        On,
        Stop,
        End,
    }

    private sealed class Way
    {
        public volatile string? Greeting;
        public volatile bool LosesAnswer;
    }
}
