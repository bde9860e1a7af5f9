using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace FtpActors.Tests.Shared;

/// <summary>
/// A real PostgreSQL of Debian's packages on a free port of loopback, which a test may stop, freeze, copy and promote. A guard process reads its standard input, which ends
/// when this process ends in whatever way: then the server is stopped and its folder removed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Guard = """
        cat >/dev/null
        "$1/pg_ctl" -D "$2/data" stop -m immediate >/dev/null 2>&1 || true
        rm -rf "$2"
        """;

    // A new folder of data takes seconds of a core, a copy of it a fraction of one.
    private static readonly Lazy<Task<string>> Made = new(MakeAsync);
    private static Process? _guardOfMade;

    private readonly string _folder;
    private readonly string _address;
    private readonly string[] _before;
    private readonly Process _guard;
    private int _databases;

    private PostgresServer(string folder, int port, string address = "127.0.0.1", params string[] before)
    {
        (_folder, Port, _address, _before) = (folder, port, address, before);
        _guard = Unprivileged("sh", "-c", Guard, "sh", Programs(), folder);
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>A new one; its superuser is ftpactors with the password s3cret.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="before">A command that it runs behind, such as <c>ip netns exec</c>.</param>
    public static async Task<PostgresServer> StartAsync(string address = "127.0.0.1", params string[] before)
    {
        var server = new PostgresServer(await NewFolderAsync(), FreePort.Take(), address, before);
        await RunAsync("cp", "-r", Path.Combine(await Made.Value, "data"), server._folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>From now on a commit waits for a standby.</summary>
    public async Task WaitForStandbyAsync()
    {
        await ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await ExecuteAsync("SELECT pg_reload_conf()");
    }

    /// <summary>A standby of this one, caught up.</summary>
    public async Task<PostgresServer> MakeStandbyAsync()
    {
        var standby = new PostgresServer(await NewFolderAsync(), FreePort.Take());
        await RunAsync("sh", "-c", """
            PGPASSWORD=s3cret "$1/pg_basebackup" -h 127.0.0.1 -p "$3" -U ftpactors -D "$2/data" -R -c fast
            """, "sh", Programs(), standby._folder, Port.ToString(CultureInfo.InvariantCulture));
        await standby.StartAgainAsync();
        return standby;
    }

    /// <summary>Npgsql's connection string to a database.</summary>
    public string Connection(string database = "postgres") => Connection(database, this);

    /// <summary>One connection to several servers, the first one preferred.</summary>
    public static string Connection(string database, params PostgresServer[] servers) =>
        $"Host={string.Join(',', servers.Select(s => $"{s._address}:{s.Port}"))};Database={database};Username=ftpactors;Password=s3cret;Maximum Pool Size=20;Timeout=5";

    /// <summary>For this process: by its socket, which is reached from outside a network namespace, too; never pooled.</summary>
    public string OwnConnection(string database = "postgres") => $"Host={_folder};Port={Port};Database={database};Username=ftpactors;Password=s3cret;Pooling=false;Timeout=15";

    /// <summary>A new, empty database.</summary>
    public async Task<string> MakeDatabaseAsync()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return name;
    }

    /// <summary>Starts it after a stop.</summary>
    public Task StartAgainAsync() => RunBehindAsync(_before,
        "sh", "-c", """
        "$1/pg_ctl" -D "$2/data" -l "$2/log" -w -o "-p $3 -c listen_addresses=$4 -c unix_socket_directories=$2 -c max_connections=300" start >/dev/null
        """, "sh", Programs(), _folder, Port.ToString(CultureInfo.InvariantCulture), _address);

    /// <summary>As a crash: nothing is told to anybody.</summary>
    public Task CrashAsync() => PgCtlAsync("-m", "immediate", "stop");

    /// <summary>Makes a standby the primary.</summary>
    public Task PromoteAsync() => PgCtlAsync("-w", "promote");

    /// <summary>Stops all its processes where they are (SIGSTOP), connections stay open and nothing answers.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets them go on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs statements.</summary>
    public async Task ExecuteAsync(string sql, string database = "postgres") => await ReadAsync<object>(sql, database);

    /// <summary>The first column of the first row; the default of the type when there is none.</summary>
    public async Task<T?> ReadAsync<T>(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(OwnConnection(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        await ThawAsync();
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private Task PgCtlAsync(params string[] order) => RunAsync([Path.Combine(Programs(), "pg_ctl"), "-D", Path.Combine(_folder, "data"), "-s", .. order]);

    // The postmaster and its backends; a folder without a server has none.
    private Task SignalAsync(string signal) => RunAsync("sh", "-c", """
        main=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || exit 0
        kill "-$2" "$main" $(pgrep -P "$main") 2>/dev/null || true
        """, "sh", _folder, signal);

    private static string Programs()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        return programs ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");
    }

    private static async Task<string> MakeAsync()
    {
        var folder = await NewFolderAsync();
        await RunAsync("sh", "-c", """
            echo s3cret >"$2/password"
            "$1/initdb" -D "$2/data" -U ftpactors -A scram-sha-256 --pwfile="$2/password" -E UTF8 --locale=C.UTF-8 -N >/dev/null
            echo "host all all 0.0.0.0/0 scram-sha-256" >>"$2/data/pg_hba.conf"
            """, "sh", Programs(), folder);
        // It is removed when this process ends.
        _guardOfMade = Unprivileged("sh", "-c", "cat >/dev/null; rm -rf \"$1\"", "sh", folder);
        return folder;
    }

    private static async Task<string> NewFolderAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), "ftpactors-pg-" + Guid.NewGuid().ToString("N"));
        await RunAsync("mkdir", "-m", "700", folder);
        return folder;
    }

    private static Task RunAsync(params string[] command) => RunBehindAsync([], command);

    private static async Task RunBehindAsync(string[] before, params string[] command)
    {
        using var process = Unprivileged(before, command);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(120));
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command.Take(3))} ended with {process.ExitCode}.");
    }

    // PostgreSQL refuses to be root.
    private static Process Unprivileged(params string[] command) => Unprivileged([], command);

    private static Process Unprivileged(string[] before, string[] command)
    {
        if (Environment.IsPrivilegedProcess)
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command];
        command = [.. before, .. command];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/tmp" })!;
    }
}
