using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A control connection whose steps a test decides: to stay, to break off in the middle, to say what no client says.</summary>
internal sealed class FtpConnection : IDisposable
{
    private readonly TcpClient _control;
    private readonly StreamReader _replies;
    private readonly IPAddress _address;

    private FtpConnection(TcpClient control, IPAddress address)
    {
        (_control, _address) = (control, address);
        _replies = new StreamReader(control.GetStream(), Encoding.Latin1);
    }

    public static async Task<FtpConnection> LoginAsync(int port, string user = "alice", string address = "127.0.0.1")
    {
        var ip = IPAddress.Parse(address);
        var control = new TcpClient(ip.AddressFamily) { NoDelay = true };
        await control.ConnectAsync(ip, port);
        var connection = new FtpConnection(control, ip);
        await connection.ReplyAsync("220");
        await connection.CommandAsync($"USER {user}", "331");
        await connection.CommandAsync("PASS pw1", "230");
        await connection.CommandAsync("TYPE I", "200");
        return connection;
    }

    public async Task<string> CommandAsync(string command, string expected)
    {
        await SendAsync(command);
        return await ReplyAsync(expected);
    }

    public Task SendAsync(string command) => _control.GetStream().WriteAsync(Encoding.Latin1.GetBytes(command + "\r\n")).AsTask();

    /// <summary>Asks for the end of the transfer as clients do: with Telnet's interrupt, urgent, because a server that sends a file reads nothing else.</summary>
    public async Task AbortAsync()
    {
        await _control.Client.SendAsync(new byte[] { 0xFF, 0xF4, 0xFF }, SocketFlags.OutOfBand);
        await _control.Client.SendAsync(Encoding.Latin1.GetBytes("\u00F2ABOR\r\n"), SocketFlags.None);
    }

    public async Task<string> ReplyAsync(string expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var line = await _replies.ReadLineAsync(limit.Token) ?? throw new EndOfStreamException($"The server ended the connection instead of {expected}.");
            if (line.Length > 3 && line[3] == ' ' && char.IsAsciiDigit(line[0]))
            {
                Assert.StartsWith(expected, line, StringComparison.Ordinal);
                return line;
            }
        }
    }

    /// <summary>Opens a data connection and begins a transfer.</summary>
    public async Task<TcpClient> TransferAsync(string command)
    {
        var passive = await CommandAsync("EPSV", "229");
        var port = int.Parse(passive.Split('|')[3], CultureInfo.InvariantCulture);
        var data = new TcpClient(_address.AddressFamily) { NoDelay = true };
        await data.ConnectAsync(_address, port);
        await CommandAsync(command, "150");
        return data;
    }

    public async Task UploadAsync(string name, byte[] bytes, string command = "STOR")
    {
        using (var data = await TransferAsync($"{command} {name}"))
            await data.GetStream().WriteAsync(bytes);
        await ReplyAsync("226");
    }

    public async Task<byte[]> DownloadAsync(string name)
    {
        using var all = new MemoryStream();
        // Closed before the answer: ProFTPD waits for it, for 10 s.
        using (var data = await TransferAsync($"RETR {name}"))
            await data.GetStream().CopyToAsync(all);
        await ReplyAsync("226");
        return all.ToArray();
    }

    /// <summary>Breaks the connection off, as a client that died or a network that forgot it.</summary>
    public void Reset() => _control.Client.Close(0);

    public void Dispose()
    {
        _replies.Dispose();
        _control.Dispose();
    }
}
