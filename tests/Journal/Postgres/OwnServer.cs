using System.Diagnostics;
using System.Globalization;
using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>A PostgreSQL of one test's own, which it may restart, copy and promote.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    // Ends with this process, in whatever way that ends.
    private const string Guard = """
        cat >/dev/null
        "$1/pg_ctl" -D "$2/data" stop -m immediate >/dev/null 2>&1 || true
        rm -rf "$2"
        """;

    private readonly string _folder;
    private readonly Process _guard;

    private OwnServer(string folder, int port)
    {
        (_folder, Port) = (folder, port);
        _guard = PostgresServer.Unprivileged("sh", "-c", Guard, "sh", PostgresServer.Programs(), folder);
    }

    public int Port { get; }

    /// <summary>A new one; its superuser is ftpactors with the password s3cret.</summary>
    public static async Task<OwnServer> StartAsync()
    {
        var server = new OwnServer(await NewFolderAsync(), PostgresServer.FreePort());
        await RunAsync("sh", "-c", """
            echo s3cret >"$2/password"
            "$1/initdb" -D "$2/data" -U ftpactors -A scram-sha-256 --pwfile="$2/password" -E UTF8 --locale=C.UTF-8 -N >/dev/null
            """, "sh", PostgresServer.Programs(), server._folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>A standby of this one, caught up.</summary>
    public async Task<OwnServer> MakeStandbyAsync()
    {
        var standby = new OwnServer(await NewFolderAsync(), PostgresServer.FreePort());
        await RunAsync("sh", "-c", """
            PGPASSWORD=s3cret "$1/pg_basebackup" -h 127.0.0.1 -p "$3" -U ftpactors -D "$2/data" -R -c fast
            """, "sh", PostgresServer.Programs(), standby._folder, Port.ToString(CultureInfo.InvariantCulture));
        await standby.StartAgainAsync();
        return standby;
    }

    public string Connection(string database = "postgres") => Connection(database, this);

    /// <summary>One connection to several servers, the first one preferred.</summary>
    public static string Connection(string database, params OwnServer[] servers) =>
        $"Host={string.Join(',', servers.Select(s => $"127.0.0.1:{s.Port}"))};Database={database};Username=ftpactors;Password=s3cret;Maximum Pool Size=20;Timeout=5";

    // As short as a busy machine allows: an owner that gets no processor for so long has lost its shard, and rightly.
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    public static PostgresJournalOptions Options(string connection) => new()
    {
        Connection = connection, Shards = 4, Lease = Lease, TakeWait = TimeSpan.FromMilliseconds(200), Poll = TimeSpan.FromSeconds(1),
    };

    public Task StartAgainAsync() => RunAsync(
        "sh", "-c", """
        "$1/pg_ctl" -D "$2/data" -l "$2/log" -w -o "-p $3 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on" start >/dev/null
        """, "sh", PostgresServer.Programs(), _folder, Port.ToString(CultureInfo.InvariantCulture));

    /// <summary>As a crash: nothing is told to anybody.</summary>
    public Task StopAsync() => RunAsync(Path.Combine(PostgresServer.Programs(), "pg_ctl"), "-D", Path.Combine(_folder, "data"), "-s", "-m", "immediate", "stop");

    public Task PromoteAsync() => RunAsync(Path.Combine(PostgresServer.Programs(), "pg_ctl"), "-D", Path.Combine(_folder, "data"), "-s", "-w", "promote");

    public async Task ExecuteAsync(string sql, string database = "postgres") => await ReadAsync<object>(sql, database);

    public async Task<T?> ReadAsync<T>(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(Connection(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T value ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private static async Task<string> NewFolderAsync()
    {
        var folder = Path.Combine("/tmp", "ftpactors-pg-" + Guid.NewGuid().ToString("N"));
        await RunAsync("mkdir", "-m", "700", folder);
        return folder;
    }

    private static async Task RunAsync(params string[] command)
    {
        using var process = PostgresServer.Unprivileged(command);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, process.ExitCode);
    }
}
