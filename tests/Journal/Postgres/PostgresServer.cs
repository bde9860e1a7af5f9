using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

[CollectionDefinition("postgres")]
public sealed class PostgresTests : ICollectionFixture<PostgresServer>;

/// <summary>
/// A real PostgreSQL of Debian's packages for the tests of this assembly, on a free port of loopback. The script that runs it reads its standard
/// input, which ends when this process ends in whatever way: then the server is stopped and its folder removed.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Script = """
        set -e
        folder=$(mktemp -d)
        "$1/initdb" -D "$folder/data" -U ftpactors -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
        serve() { "$1/postgres" -D "$folder/data" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 >>"$folder/log" 2>&1 & server=$!; }
        serve "$1" "$2"
        while read -r order; do
          case "$order" in
            stop) kill -INT $server; wait $server || true; echo stopped;;
            start) serve "$1" "$2";;
          esac
        done
        kill -QUIT $server || true
        wait || true
        rm -rf "$folder"
        """;

    private readonly int _port = FreePort();
    private Process? _process;
    private int _databases;

    public async Task InitializeAsync()
    {
        _process = Start(answers: true, "sh", "-c", Script, "sh", Programs(), _port.ToString(CultureInfo.InvariantCulture));

        await AnswersAsync();
    }

    /// <summary>Stops the server in order; its databases stay.</summary>
    public async Task StopAsync()
    {
        await _process!.StandardInput.WriteLineAsync("stop");
        Assert.Equal("stopped", await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Starts it again.</summary>
    public async Task StartAsync()
    {
        await _process!.StandardInput.WriteLineAsync("start");
        await AnswersAsync();
    }

    private async Task AnswersAsync()
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(Connection("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (limit.Elapsed < TimeSpan.FromSeconds(60) && !_process!.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    public async Task DisposeAsync()
    {
        _process!.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public int Port => _port;

    public string Connection(string database) =>
        $"Host=127.0.0.1;Port={_port};Database={database};Username=ftpactors;Password=s3cret;Maximum Pool Size=20;Timeout=15";

    /// <summary>Folder of the newest PostgreSQL's programs.</summary>
    public static string Programs()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        Assert.True(programs is not null, "PostgreSQL is not installed: apt-get install postgresql");
        return programs!;
    }

    /// <summary>Starts a program that refuses to be root, and holds its standard input.</summary>
    public static Process Unprivileged(params string[] command) => Start(answers: false, command);

    private static Process Start(bool answers, params string[] command)
    {
        if (Environment.IsPrivilegedProcess)
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = answers, WorkingDirectory = "/tmp",
        })!;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A new, empty database.</summary>
    public async Task<string> MakeDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return name;
    }

    public async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ReadAsync<T>(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public Task<PostgresJournal> OpenAsync(string database, TimeProvider? clock = null, int shards = 4) =>
        PostgresJournal.OpenAsync(new PostgresJournalOptions
        {
            Connection = Connection(database), Shards = shards, Clock = clock ?? TimeProvider.System, TakeWait = TimeSpan.FromMilliseconds(500),
        });
}
