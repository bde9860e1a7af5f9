using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace FtpActors.EndToEnd.Tests;

/// <summary>
/// A real PostgreSQL of Debian's packages that a test stops and starts again. The script that runs it reads its standard input, which ends when
/// this process ends in whatever way: then the server is stopped and its folder removed.
/// </summary>
/// <param name="address">Where it listens.</param>
/// <param name="before">A command that it runs behind, such as <c>ip netns exec</c>.</param>
internal sealed class Database(string address = "127.0.0.1", params string[] before) : IAsyncDisposable
{
    private const string Script = """
        set -e
        if [ ! -d "$2/data" ]; then
            mkdir -m 700 "$2"
            "$1/initdb" -D "$2/data" -U ftpactors -A trust -E UTF8 --locale=C.UTF-8 -N >/dev/null
            echo "host all all 0.0.0.0/0 trust" >>"$2/data/pg_hba.conf"
        fi
        "$1/postgres" -D "$2/data" -p "$3" -c listen_addresses="127.0.0.1,$4" -c unix_socket_directories="$2" -c max_connections=300 >>"$2/log" 2>&1 &
        read -r order || order=remove
        kill -QUIT $! || true
        wait || true
        [ "$order" = keep ] || rm -rf "$2"
        """;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"ftpactors-pg-{Guid.NewGuid():N}");
    private readonly int _port = TestNode.FreeTcpPort();
    private Process? _process;

    /// <summary>The connection for a node.</summary>
    public string Connection => string.Create(CultureInfo.InvariantCulture, $"Host={address};Port={_port};Database=postgres;Username=ftpactors;Timeout=5");

    // By its socket: it is reached from outside a network namespace, too.
    private string Own => string.Create(CultureInfo.InvariantCulture, $"Host={_folder};Port={_port};Database=postgres;Username=ftpactors;Pooling=false;Timeout=5");

    public async Task StartAsync()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        Assert.True(programs is not null, "PostgreSQL is not installed: apt-get install postgresql");
        // PostgreSQL refuses to be root.
        string[] postgres = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : [];
        string[] command =
            [.. before, .. postgres, "sh", "-c", Script, "sh", programs!, _folder, _port.ToString(CultureInfo.InvariantCulture), address];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/tmp" })!;
        await Until.TrueAsync("PostgreSQL answers", async () =>
        {
            Assert.False(_process.HasExited, "PostgreSQL ended at its start.");
            try
            {
                return await ReadAsync<int>("SELECT 1") == 1;
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                // Starting.
                return false;
            }
        });
    }

    /// <summary>Stops it without a shutdown checkpoint, as a crash would; what was committed is there after a start.</summary>
    public async Task CrashAsync()
    {
        await _process!.StandardInput.WriteLineAsync("keep");
        await _process.StandardInput.FlushAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ReadAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Own);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null)
            return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
