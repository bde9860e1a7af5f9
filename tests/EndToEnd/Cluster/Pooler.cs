using System.Diagnostics;
using System.Net.Sockets;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Debian's pgbouncer before a server, in transaction mode.</summary>
internal sealed class Pooler : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Take();
    private Process? _process;

    /// <summary>A new one, which takes connections.</summary>
    /// <param name="server">What it is before.</param>
    /// <param name="setting">One more line of its configuration.</param>
    public static async Task<Pooler> StartAsync(PostgresServer server, string setting)
    {
        var pooler = new Pooler();
        File.WriteAllText(pooler._folder["pgbouncer.ini"], $"""
            [databases]
            * = host=127.0.0.1 port={server.Port} user=ftpactors password=s3cret
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {pooler._port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            {setting}
            """);
        File.SetUnixFileMode(pooler._folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        // It refuses to be root.
        string[] command = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", "pgbouncer"] : ["pgbouncer"];
        pooler._process = Process.Start(new ProcessStartInfo(command[0], [.. command[1..], "-q", pooler._folder["pgbouncer.ini"]]))!;
        await Until.TrueAsync("the pooler takes connections", async () =>
        {
            Assert.False(pooler._process.HasExited, "pgbouncer has ended.");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", pooler._port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return pooler;
    }

    /// <summary>Npgsql's connection string to a database through it.</summary>
    public string Connection(string database) => $"Host=127.0.0.1;Port={_port};Database={database};Username=ftpactors;Password=s3cret";

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        _folder.Dispose();
    }
}
