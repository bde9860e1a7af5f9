using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>One of the servers that a connection names: its pool, and connections of one's own.</summary>
internal sealed class Site : IAsyncDisposable
{
    // A host that does not answer at all must not hold up the choice of another for longer.
    private const int LongestAskSeconds = 5;

    private readonly NpgsqlConnectionStringBuilder _settings;

    /// <param name="settings">Of one host.</param>
    public Site(NpgsqlConnectionStringBuilder settings)
    {
        _settings = settings;
        // A plan for any values would have to lock and plan every day's partition; one for the values at hand has only the days that they name.
        Pool = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Options = (settings.Options + " -c plan_cache_mode=force_custom_plan").Trim(),
        });
        Where = $"PostgreSQL {settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username}";
    }

    /// <summary>For appends and reads.</summary>
    public NpgsqlDataSource Pool { get; }

    /// <summary>Server and database for messages; never user secrets.</summary>
    public string Where { get; }

    /// <summary>One per host that the connection names.</summary>
    /// <exception cref="ArgumentException">The connection is not one.</exception>
    public static Site[] AllOf(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        if (string.IsNullOrEmpty(settings.Host))
            throw new ArgumentException("it names no Host.");
        settings.ApplicationName ??= "ftpactors";
        // The texts of this journal are about eighty; each is worth keeping prepared.
        settings.MaxAutoPrepare = Math.Max(settings.MaxAutoPrepare, 100);
        settings.AutoPrepareMinUsages = 2;
        // A reader in the pool is used from its first byte on; a dead one is not found by a query first.
        settings.KeepAlive = settings.KeepAlive == 0 ? 30 : settings.KeepAlive;
        // Which of several hosts is the primary is decided here, by timeline: the driver takes any that says it is one, and remembers it.
        settings.TargetSessionAttributes = null;
        return [.. settings.Host.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(host => new Site(OfHost(settings, host)))];
    }

    /// <summary>Asks over a new connection which server is there now.</summary>
    public async Task<ServerIdentity> AskAsync()
    {
        var settings = Own("ftpactors watch");
        settings.Timeout = Math.Min(settings.Timeout == 0 ? LongestAskSeconds : settings.Timeout, LongestAskSeconds);
        settings.CommandTimeout = LongestAskSeconds;
        settings.CancellationTimeout = -1;
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        return await ServerIdentity.ReadAsync(connection, Where).ConfigureAwait(false);
    }

    /// <summary>Opens a connection that no pool knows: it ends when it is disposed, and what it holds ends with it.</summary>
    /// <param name="name">Shown in pg_stat_activity.</param>
    /// <param name="lease">Silence after which the server ends it; null for no such limit.</param>
    public async Task<NpgsqlConnection> OpenOwnAsync(string name, TimeSpan? lease)
    {
        var own = Own(name);
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

    public ValueTask DisposeAsync() => Pool.DisposeAsync();

    // PostgreSQL cuts names at 63 bytes.
    private NpgsqlConnectionStringBuilder Own(string name) =>
        new(_settings.ConnectionString) { Pooling = false, ApplicationName = name.Length > 60 ? name[..60] : name };

    // "host", "host:port", "[::1]:port", "::1", "/folder/of/socket".
    private static NpgsqlConnectionStringBuilder OfHost(NpgsqlConnectionStringBuilder settings, string host)
    {
        var one = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Host = host };
        var colon = host.LastIndexOf(':');
        var hasPort = colon > 0 && !host.StartsWith('/') && (host[colon - 1] == ']' || host.IndexOf(':', StringComparison.Ordinal) == colon);
        if (hasPort && int.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            (one.Host, one.Port) = (host[..colon].Trim('[', ']'), port);
        return one;
    }

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
