using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Akka.Coordination;
using Akka.Event;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Actors.Lease;

/// <summary>
/// A lease of Akka.Coordination in PostgreSQL: a session-level advisory lock on a connection of its own, which the server ends when it hears nothing for the limit, and a row that
/// says whose it is and until when, by the server's clock. It is held from the server's answer, after the former owner has given it up (<see cref="LeaseTrust"/>), to the first
/// sign that it may not be: an error, or no answer for half of the limit.
/// </summary>
/// <remarks>Owners that lose it are told by the callback, once, whatever the reason; a lock that the server still has then is free after the limit at the latest.</remarks>
#pragma warning disable CA1001 // It lives as long as its actor system, which has no end for leases; the semaphore has no handle.
public sealed class PostgresLease : Akka.Coordination.Lease
#pragma warning restore CA1001
{
    /// <summary>Where its settings are.</summary>
    public const string ConfigPath = "ftpactors.lease";

    /// <summary>The table of owners.</summary>
    public const string Table =
        "CREATE TABLE IF NOT EXISTS ftpactors_lease (name text PRIMARY KEY, owner text NOT NULL, acquired_at timestamptz NOT NULL, until timestamptz NOT NULL);";

    private readonly string _connection;
    private readonly TimeSpan _limit;
    private readonly ILoggingAdapter _log;
    // One operation at a time, so that no acquisition is lost between two of them.
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Held? _held;

    /// <summary>Made by Akka's lease provider.</summary>
    public PostgresLease(LeaseSettings settings, ExtendedActorSystem system)
        : base(settings)
    {
        _connection = settings.LeaseConfig.GetString("connection");
        _limit = settings.TimeoutSettings.HeartbeatTimeout;
        _log = Logging.GetLogger(system, typeof(PostgresLease));
        _ = EndWithAsync(system.WhenTerminated);
    }

    /// <summary>Its settings as HOCON.</summary>
    /// <param name="connection">Npgsql's connection string.</param>
    /// <param name="limit">How long its owner may be silent before the server frees it.</param>
    public static string ConfigOf(string connection, TimeSpan limit) => string.Create(CultureInfo.InvariantCulture, $$"""
        {{ConfigPath}} {
          lease-class = "{{typeof(PostgresLease).FullName}}, FtpActors.Actors"
          connection = "{{connection.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}}"
          heartbeat-timeout = {{limit.TotalMilliseconds}} ms
          heartbeat-interval = {{limit.TotalMilliseconds / 6}} ms
          lease-operation-timeout = {{limit.TotalMilliseconds}} ms
        }

        """);

    /// <inheritdoc/>
    public override Task<bool> Acquire() => Acquire(_ => { });

    /// <inheritdoc/>
    public override async Task<bool> Acquire(Action<Exception> leaseLostCallback)
    {
        using var patience = new CancellationTokenSource(Settings.TimeoutSettings.OperationTimeout);
        try
        {
            await _turn.WaitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new LeaseTimeoutException($"The lease {Settings.LeaseName} is being asked for already.", e);
        }
        try
        {
            // Locks of one session stack: what is held is not asked for again.
            if (_held is { Trust.IsGood: true })
                return true;
            await EndAsync(_held).ConfigureAwait(false);
            return await AcquireAsync(leaseLostCallback, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or JournalException)
        {
            throw new LeaseException($"The lease {Settings.LeaseName} cannot be asked for: {e.Message}", e);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task<bool> Release()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var held = _held;
            await EndAsync(held).ConfigureAwait(false);
            return held is not null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override bool CheckLease() => _held is { Trust.IsGood: true };

    private static long KeyOf(string name) => BinaryPrimitives.ReadInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private async Task<bool> AcquireAsync(Action<Exception> lost, CancellationToken cancel)
    {
        var connection = await DirectConnection.OpenAsync(_connection, $"ftpactors lease {Settings.LeaseName}", _limit, cancel).ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = KeyOf(Settings.LeaseName) } } };
            if (await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is not true)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                return false;
            }
            await Task.Delay(LeaseTrust.WaitOf(await ReadFormerAsync(connection, cancel).ConfigureAwait(false), _limit), cancel).ConfigureAwait(false);
            var held = new Held(connection, _limit);
            await held.WriteAsync(Settings.LeaseName, Settings.OwnerName, isNew: true, cancel).ConfigureAwait(false);
            _held = held;
            held.Beating = BeatAsync(held, lost);
            return true;
        }
        catch
        {
            // With the connection the lock goes, whether it was given or not.
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Since when the former owner, another one, has last confirmed it.
    private async Task<TimeSpan?> ReadFormerAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT now() - (until - $3) FROM ftpactors_lease WHERE name = $1 AND owner <> $2 AND until > now()", connection)
        {
            Parameters = { new() { Value = Settings.LeaseName }, new() { Value = Settings.OwnerName }, new() { Value = _limit } },
        };
        return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) as TimeSpan?;
    }

    private async Task BeatAsync(Held held, Action<Exception> lost)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Settings.TimeoutSettings.HeartbeatInterval, held.End.Token).ConfigureAwait(false);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(held.End.Token);
                patience.CancelAfter(_limit / 2);
                await held.WriteAsync(Settings.LeaseName, Settings.OwnerName, isNew: false, patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (held.End.IsCancellationRequested)
        {
            // Released.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            held.Trust.Lose();
            _log.Warning("The lease {0} of {1} is lost: {2}", Settings.LeaseName, Settings.OwnerName, e.Message);
            lost(e);
            await held.Connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    // A node may begin anew in the same process: what its former actor system held must not be held on.
    private async Task EndWithAsync(Task terminated)
    {
        await terminated.ConfigureAwait(false);
        await Release().ConfigureAwait(false);
    }

    private async Task EndAsync(Held? held)
    {
        if (held is null)
            return;
        _held = null;
        await held.End.CancelAsync().ConfigureAwait(false);
        await held.Beating.ConfigureAwait(false);
        await GiveBackAsync(held).ConfigureAwait(false);
        // The lock goes with its session.
        await held.Connection.DisposeAsync().ConfigureAwait(false);
        held.End.Dispose();
    }

    // So that the next owner need not wait; when it cannot be said, it waits.
    private async Task GiveBackAsync(Held held)
    {
        if (!held.Trust.IsGood)
            return;
        held.Trust.Lose();
        try
        {
            using var patience = new CancellationTokenSource(_limit / 2);
            // The row before the lock: whoever has the lock reads it.
            await using var row = new NpgsqlCommand("UPDATE ftpactors_lease SET until = now() WHERE name = $1 AND owner = $2", held.Connection)
            {
                Parameters = { new() { Value = Settings.LeaseName }, new() { Value = Settings.OwnerName } },
            };
            await row.ExecuteNonQueryAsync(patience.Token).ConfigureAwait(false);
            await using var unlock = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", held.Connection) { Parameters = { new() { Value = KeyOf(Settings.LeaseName) } } };
            await unlock.ExecuteNonQueryAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            _log.Debug("The lease {0} ends with its connection: {1}", Settings.LeaseName, e.Message);
        }
    }

    private sealed class Held(NpgsqlConnection connection, TimeSpan limit)
    {
        public NpgsqlConnection Connection => connection;

        public LeaseTrust Trust { get; } = new(limit, TimeProvider.System);

        public CancellationTokenSource End { get; } = new();

        public Task Beating { get; set; } = Task.CompletedTask;

        public async Task WriteAsync(string name, string owner, bool isNew, CancellationToken cancel)
        {
            var asked = Trust.Ask();
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO ftpactors_lease VALUES ($1, $2, now(), now() + $3)
                ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until, acquired_at = CASE WHEN $4 THEN now() ELSE ftpactors_lease.acquired_at END
                """,
                connection) { Parameters = { new() { Value = name }, new() { Value = owner }, new() { Value = limit }, new() { Value = isNew } } };
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            Trust.Confirm(asked);
        }
    }
}
