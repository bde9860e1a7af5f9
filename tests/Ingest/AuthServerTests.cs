using System.Net.Sockets;
using System.Text;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>The login socket over real Unix sockets.</summary>
public sealed class AuthServerTests : IAuthDecisions, IDisposable
{
    private const string Request = "account:ann\npassword:p\nlocalhost:127.0.0.1\nlocalport:21\npeer:192.0.2.7\nsni_name:\nencrypted:0\nend\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("auth-test-").FullName;
    private readonly TaskCompletionSource _slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _bad = [];
    private int _deciding;
    private int _mostDeciding;

    private string Path => System.IO.Path.Combine(_folder, "auth.sock");

    public async Task<AuthReply> DecideAsync(AuthRequest request, CancellationToken stop)
    {
        InterlockedMax(ref _mostDeciding, Interlocked.Increment(ref _deciding));
        if (request.Account == "slow")
            await _slow.Task;
        Interlocked.Decrement(ref _deciding);
        return request.Account switch
        {
            "bug" => throw new InvalidOperationException("not foreseen"),
            "full" => AuthReply.Refuse,
            _ => AuthReply.PassOn,
        };
    }

    public AuthReply DecideBad(string reason)
    {
        lock (_bad)
            _bad.Add(reason);
        return AuthReply.Refuse;
    }

    public AuthReply DecideFailed(Exception e) => AuthReply.Refuse;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_request_in_one_piece_or_byte_by_byte_is_answered_and_the_connection_closed()
    {
        await using var server = Start();
        Assert.Equal("auth_ok:0\nend\n", await AskAsync(Request));
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync(Request.Replace("ann", "full", StringComparison.Ordinal)));
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync(Request.Replace("ann", "bug", StringComparison.Ordinal)));

        using var client = await ConnectAsync();
        foreach (var b in Encoding.Latin1.GetBytes(Request))
            await client.SendAsync(new[] { b });
        Assert.Equal("auth_ok:0\nend\n", await ReadAsync(client));
        Assert.Empty(_bad);
    }

    [Fact]
    public async Task What_is_no_request_is_refused_with_a_reason_that_has_no_password()
    {
        await using var server = Start();
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync("password:s3cret\nend\n"));
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync("account:ann\npassword:s3cret\nno key\n"));
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync($"account:ann\npassword:s3cret{new string('x', 5000)}", mayBeReset: true));
        // Half a request, then the end of the connection, or nothing more at all.
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync("account:ann\npassword:s3cret\n", shutdown: true));
        Assert.Equal("auth_ok:-1\nend\n", await AskAsync("account:ann\npassword:s3cret\n"));

        Assert.Equal(5, _bad.Count);
        Assert.All(_bad, reason => Assert.DoesNotContain("s3cret", reason, StringComparison.Ordinal));
        Assert.Contains("4096", _bad[2], StringComparison.Ordinal);
        Assert.Contains("within", _bad[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hundred_logins_at_once_are_answered_beside_clients_that_say_nothing()
    {
        await using var server = Start(connections: 300, seconds: 60);
        var silent = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ConnectAsync()));

        var slow = Enumerable.Range(0, 200).Select(_ => AskAsync(Request.Replace("ann", "slow", StringComparison.Ordinal))).ToList();
        await Eventually.True(() => Volatile.Read(ref _deciding) == 200, () => $"{_deciding} decide at once");
        Assert.Equal("auth_ok:0\nend\n", await AskAsync(Request));
        _slow.SetResult();

        Assert.All(await Task.WhenAll(slow), reply => Assert.Equal("auth_ok:0\nend\n", reply));
        foreach (var client in silent)
            client.Dispose();
    }

    [Fact]
    public async Task No_more_logins_are_decided_at_once_than_are_allowed_and_the_others_wait_their_turn()
    {
        await using var server = Start(connections: 4, seconds: 60);
        var all = Enumerable.Range(0, 8).Select(_ => AskAsync(Request.Replace("ann", "slow", StringComparison.Ordinal))).ToList();
        await Eventually.True(() => Volatile.Read(ref _deciding) == 4, () => $"{_deciding} decide");
        _slow.SetResult();

        Assert.All(await Task.WhenAll(all), reply => Assert.Equal("auth_ok:0\nend\n", reply));
        Assert.Equal(4, _mostDeciding);
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_and_gone_after_the_end()
    {
        var server = Start();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        Assert.Null(server.Trouble);
        File.Delete(Path);
        Assert.Contains("removed", server.Trouble, StringComparison.Ordinal);
        await server.DisposeAsync();

        await using (Start())
            Assert.True(File.Exists(Path));
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public async Task A_living_socket_is_not_taken_and_one_of_a_killed_program_is()
    {
        using (var foreign = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            foreign.Bind(new UnixDomainSocketEndPoint(Path));
            foreign.Listen(1);
            Assert.Contains("Another program", Assert.Throws<AuthSocketException>(() => Start()).Message, StringComparison.Ordinal);
            File.Move(Path, Path + ".kept");
        }
        // Nobody listens on it any more, as after a kill.
        File.Move(Path + ".kept", Path);

        await using var server = Start();
        Assert.Equal("auth_ok:0\nend\n", await AskAsync(Request));
        Assert.Contains("Another node", Assert.Throws<AuthSocketException>(() => Start()).Message, StringComparison.Ordinal);
        Assert.Equal("auth_ok:0\nend\n", await AskAsync(Request));
    }

    [Fact]
    public void What_is_no_socket_is_left_alone()
    {
        File.WriteAllText(Path, "precious");
        Assert.Contains("no socket", Assert.Throws<AuthSocketException>(() => Start()).Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Path));
        Assert.Contains("longer than", Assert.Throws<AuthSocketException>(() =>
            AuthServer.Start(new AuthServerOptions { Socket = $"{Path}{new string('x', 100)}" }, this)).Message, StringComparison.Ordinal);
    }

    private AuthServer Start(int connections = 16, int seconds = 1) =>
        AuthServer.Start(new AuthServerOptions { Socket = Path, Connections = connections, RequestTime = TimeSpan.FromSeconds(seconds) }, this);

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(Path));
        return client;
    }

    private async Task<string> AskAsync(string request, bool shutdown = false, bool mayBeReset = false)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(request));
        if (shutdown)
            client.Shutdown(SocketShutdown.Send);
        return await ReadAsync(client, mayBeReset);
    }

    // To the end of the connection, as the server reads. What a daemon left unread makes its end a reset, after the reply.
    private static async Task<string> ReadAsync(Socket client, bool mayBeReset = false)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var reply = new StringBuilder();
        var buffer = new byte[100];
        try
        {
            while (await client.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
                reply.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException) when (mayBeReset)
        {
            // The reply came before it.
        }
        return reply.ToString();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
