using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>The database of a journal: its pool for appends and reads, connections of one's own for locks, failures as callers know them.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlConnectionStringBuilder _settings;

    private Server(NpgsqlConnectionStringBuilder settings)
    {
        _settings = settings;
        _pool = NpgsqlDataSource.Create(settings);
        Where = $"PostgreSQL {settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username}";
    }

    /// <summary>Server and database for messages; never user secrets.</summary>
    public string Where { get; }

    /// <exception cref="JournalUnusableException">The connection string is not one.</exception>
    public static Server For(string connection)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            if (string.IsNullOrEmpty(settings.Host))
                throw new ArgumentException("it names no Host");
            settings.ApplicationName ??= "ftpactors";
            // The texts of this journal are about seventy; each is worth keeping prepared.
            settings.MaxAutoPrepare = Math.Max(settings.MaxAutoPrepare, 100);
            settings.AutoPrepareMinUsages = 2;
            // A reader in the pool is used from its first byte on; a dead one is not found by a query first.
            settings.KeepAlive = settings.KeepAlive == 0 ? 30 : settings.KeepAlive;
            return new Server(settings);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            // The string itself has the password and is not shown.
            throw new JournalUnusableException(
                $"The connection of the journal is not understood: {e.Message} It should look like Host=db;Database=ftpactors;Username=ftpactors;Password=….");
        }
    }

    /// <summary>Runs a read, or statements that are each their own transaction, on a connection of the pool.</summary>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancel = default)
    {
        try
        {
            await using var connection = await _pool.OpenConnectionAsync(cancel).ConfigureAwait(false);
            return await read(connection).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.ForCaller(e, Where);
        }
    }

    /// <summary>Runs one transaction on a connection of the pool: committed when it returns, taken back when it throws.</summary>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancel = default) => ReadAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        var answer = await write(connection).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
        return answer;
    }, cancel);

    /// <summary>Opens a connection that no pool knows: it ends when it is disposed, and what it holds ends with it.</summary>
    /// <param name="name">Shown in pg_stat_activity.</param>
    /// <param name="lease">Silence after which the server ends it; null for no such limit.</param>
    public async Task<NpgsqlConnection> OpenOwnAsync(string name, TimeSpan? lease)
    {
        // PostgreSQL cuts names at 63 bytes.
        var own = new NpgsqlConnectionStringBuilder(_settings.ConnectionString) { Pooling = false, ApplicationName = name.Length > 60 ? name[..60] : name };
        if (lease is { } limit)
        {
            own.KeepAlive = 0;
            own.CommandTimeout = (int)Math.Ceiling(limit.TotalSeconds);
            own.CancellationTimeout = -1;
            own.Options = (own.Options + " " + LeaseOptions(limit)).Trim();
        }
        var connection = new NpgsqlConnection(own.ConnectionString);
        try
        {
            await connection.OpenAsync().ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    // idle_session_timeout finds a frozen owner and a middle box that stopped relaying; keepalives and the user timeout find a dead host;
    // the check interval ends a long statement of a client that is gone. Units: https://www.postgresql.org/docs/current/runtime-config-client.html
    private static string LeaseOptions(TimeSpan lease)
    {
        var milliseconds = (long)lease.TotalMilliseconds;
        var seconds = Math.Max(1, milliseconds / 3000);
        return string.Create(CultureInfo.InvariantCulture,
            $"-c idle_session_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds} -c statement_timeout={milliseconds} "
            + $"-c tcp_keepalives_idle={seconds} -c tcp_keepalives_interval={seconds} -c tcp_keepalives_count=2 "
            + $"-c tcp_user_timeout={milliseconds} -c client_connection_check_interval={Math.Max(200, milliseconds / 3)}");
    }
}
