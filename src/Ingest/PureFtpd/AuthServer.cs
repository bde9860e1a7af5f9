using System.Net.Sockets;
using System.Security.Cryptography;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Answers Pure-FTPd's external authentication on a Unix socket, in the place of pure-authd, which takes one login at a time. One request and one reply per
/// connection, which is closed then: the server reads until that. Every connection has its limits of bytes and time, so no client holds up another.
/// </summary>
public sealed class AuthServer : IAsyncDisposable
{
    /// <summary>Logins that may wait in the kernel for one of the places.</summary>
    private const int Backlog = 128;

    // After accept failed (out of descriptors): long enough not to spin, short beside the ten seconds that the server tries.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly AuthServerOptions _options;
    private readonly IAuthDecisions _decisions;
    private readonly AuthSocket _socket;
    private readonly SemaphoreSlim _free;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private string? _trouble;

    private AuthServer(AuthServerOptions options, IAuthDecisions decisions, AuthSocket socket)
    {
        (_options, _decisions, _socket) = (options, decisions, socket);
        _free = new SemaphoreSlim(options.Connections);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>What is wrong and the way out; null when nothing is.</summary>
    public string? Trouble => _socket.IsThere ? Volatile.Read(ref _trouble) : $"The socket {_options.Socket} was removed: logins cannot reach this node. Start it again.";

    /// <summary>Opens the socket and answers on it until it is disposed.</summary>
    /// <exception cref="AuthSocketException">It cannot be opened, or another program has it.</exception>
    public static AuthServer Start(AuthServerOptions options, IAuthDecisions decisions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Connections, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Connections, 10_000);
        // What waits for a place waits in the kernel; beyond the backlog the server's connect waits there, too.
        return new AuthServer(options, decisions, AuthSocket.Open(options.Socket, backlog: options.Connections + Backlog));
    }

    /// <summary>Takes no more logins, finishes those it has, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _socket.Dispose();
        for (var i = 0; i < _options.Connections; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        _free.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _free.WaitAsync(_stop.Token).ConfigureAwait(false);
                try
                {
                    var client = await _socket.Socket.AcceptAsync(_stop.Token).ConfigureAwait(false);
                    Volatile.Write(ref _trouble, null);
                    // Not waited for: it has a place, which it gives back, and it never throws.
                    _ = ServeAsync(client);
                }
                catch (SocketException e)
                {
                    _free.Release();
                    Volatile.Write(ref _trouble, $"Logins cannot be taken: {e.Message}. Raise the limit of open files of this node.");
                    await Task.Delay(Pause, _stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    _free.Release();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var buffer = new byte[AuthRequest.LargestRequest];
        try
        {
            using (client)
            {
                var reply = await ReplyAsync(client, buffer).ConfigureAwait(false);
                using var limit = new CancellationTokenSource(_options.RequestTime);
                await client.SendAsync(reply.Encode(), limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The client is gone or does not read: there is nobody to be told.
        }
        finally
        {
            // It has the password.
            CryptographicOperations.ZeroMemory(buffer);
            _free.Release();
        }
    }

    private async Task<AuthReply> ReplyAsync(Socket client, byte[] buffer)
    {
        try
        {
            var (request, reason) = await ReadAsync(client, buffer).ConfigureAwait(false);
            return request is null ? _decisions.DecideBad(reason) : await _decisions.DecideAsync(request, _stop.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was, this login is answered and it is told: a server that waits for an answer would wait for ever.
        catch (Exception e) when (e is not SocketException)
        {
            return _decisions.DecideFailed(e);
        }
#pragma warning restore CA1031
    }

    private async Task<(AuthRequest? Request, string Reason)> ReadAsync(Socket client, byte[] buffer)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_options.RequestTime);
        for (var length = 0; ;)
        {
            int count;
            try
            {
                count = await client.ReceiveAsync(buffer.AsMemory(length), limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return (null, _stop.IsCancellationRequested ? "the node stops" : $"no whole request within {_options.RequestTime.TotalSeconds} s");
            }
            length += count;
            if (AuthRequest.TryDecode(buffer.AsSpan(0, length), out var request, out var reason))
                return (request, "");
            if (reason is not null || count == 0)
                return (null, reason ?? "the connection ended within the request");
        }
    }
}
