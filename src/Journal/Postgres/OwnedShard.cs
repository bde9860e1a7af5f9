using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// A shard that this process owns: the one connection that holds its advisory lock and that every step is written through, one after the
/// other. A failure of that connection is the end of the ownership: it is never opened again, the shard has to be taken anew. A heartbeat in
/// the same line keeps the server's lease; a process that is frozen sends none, and the server ends its session.
/// </summary>
internal sealed class OwnedShard : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Server _server;
    private readonly ServerIdentity _identity;
    private readonly string _where;
    private readonly Action<string> _trouble;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private Task _beating = Task.CompletedTask;
    private string? _lost;
    private long _confirmed;

    private OwnedShard(NpgsqlConnection connection, Server server, ServerIdentity identity, int shard, Action<string> trouble)
    {
        (_connection, _server, _identity, _where, _trouble) = (connection, server, identity, server.Where, trouble);
        Shard = shard;
    }

    public int Shard { get; }

    public long Epoch { get; private set; }

    /// <summary>Whether the lock is held, as far as is known.</summary>
    public bool IsHeld => Volatile.Read(ref _lost) is null;

    /// <summary>
    /// Time since the last round trip that succeeded was begun, by the monotonic clock: the server's patience began later, so it has more left
    /// than the lease less this.
    /// </summary>
    public TimeSpan SilentFor => Stopwatch.GetElapsedTime(Volatile.Read(ref _confirmed));

    /// <exception cref="ShardHeldException">Another session has it.</exception>
    /// <exception cref="JournalException">It cannot be taken.</exception>
    /// <exception cref="OperationCanceledException">It is not wanted any more, and was not taken.</exception>
    public static async Task<(OwnedShard Owned, ShardLease Lease)> TakeAsync(
        Server server, PostgresJournalOptions options, int shard, string owner, CancellationToken cancel)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await server.OpenOwnAsync($"ftpactors shard {shard} {owner}", options.Lease).ConfigureAwait(false);
            // Before the lock: locks are the memory of one server, and a standby gives them away as well.
            var identity = await ServerIdentity.ReadAsync(connection, server.Where).ConfigureAwait(false);
            RequirePlace(server, identity);
            await RequireLeaseAsync(connection, server.Where, options.Lease).ConfigureAwait(false);
            await LockAsync(connection, options.TakeWait, shard).ConfigureAwait(false);
            if (!await connection.ReadOneAsync<bool>(SqlTexts.HoldsLock, (long)Schema.Magic, (long)shard).ConfigureAwait(false))
                throw PostgresFailure.Pooler(server.Where);
            cancel.ThrowIfCancellationRequested();

            var owned = new OwnedShard(connection, server, identity, shard, options.Trouble);
            var lease = await owned.BeginAsync(owner).ConfigureAwait(false);
            owned._beating = Task.Run(() => owned.BeatAsync(options.Lease / 4), CancellationToken.None);
            return (owned, lease);
        }
        catch (Exception e)
        {
            // Ends the session, and so the lock if it was got after all.
            if (connection is not null)
                await connection.DisposeAsync().ConfigureAwait(false);
            if (PostgresFailure.IsLockTimeout(e))
            {
                // The next try finds it free.
                await server.ReadAsync(c => c.ReadOneAsync<long>(SqlTexts.EndSilentHolder, (long)Schema.Magic, (long)shard, options.Lease), cancel).ConfigureAwait(false);
                throw new ShardHeldException(shard, await HolderAsync(server, shard).ConfigureAwait(false));
            }
            if (PostgresFailure.Is(e))
                throw PostgresFailure.ForCaller(e, server.Where);
            throw;
        }
    }

    /// <summary>Runs one transaction of the owner: committed when it returns, taken back when it throws.</summary>
    /// <exception cref="ShardLostException">The shard is no longer owned with that epoch. Nothing was written, or (where the answer to the
    /// commit was lost) it is there when the shard is taken anew.</exception>
    public async Task<T> WriteAsync<T>(long epoch, Func<NpgsqlConnection, Task<T>> write)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (epoch != Epoch)
                throw new ShardLostException(Shard, epoch);
            if (_lost is null && IsReplaced)
                await LoseAsync(Replaced).ConfigureAwait(false);
            if (_lost is { } reason)
                throw new ShardLostException(Shard, epoch, reason);
            return await TransactAsync(write).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            if (PostgresFailure.SparesSession(e) && _connection.State == System.Data.ConnectionState.Open)
                throw PostgresFailure.ForCaller(e, _where);
            await LoseAsync(Ended(e)).ConfigureAwait(false);
            throw new ShardLostException(Shard, epoch, _lost!, e);
        }
        catch (ShardLostException) when (epoch == Epoch)
        {
            await LoseAsync("its epoch in the journal is another").ConfigureAwait(false);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the shard free. Waits for the step that runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            // By a statement, because the server notices a closed socket a moment later, when the next owner has already asked.
            if (_lost is null)
                await _connection.ReadOneAsync<bool>(SqlTexts.UnlockShard, Schema.Magic, Shard).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            _trouble($"Shard {Shard} could not be given back in order: {PostgresFailure.Describe(e)}. The server frees it when it notices.");
        }
        finally
        {
            Volatile.Write(ref _lost, "it was given back");
            await _connection.DisposeAsync().ConfigureAwait(false);
            _turn.Release();
        }
        _end.Dispose();
    }

    private bool IsReplaced => _identity.Timeline < _server.Timeline;

    private string Replaced => $"its server has been replaced by a newer primary (timeline {_server.Timeline}, this one is {_identity.Timeline})";

    private static string Ended(Exception e) => $"the connection that held its lock ended: {PostgresFailure.Describe(e)}";

    private static void RequirePlace(Server server, ServerIdentity identity)
    {
        if (identity.IsStandby)
            throw PostgresFailure.Standby(server.Where);
        if (server.System is { } own && identity.System is { } system && system != own)
            throw PostgresFailure.AnotherSystem(server.Where, own, system);
        if (identity.Timeline < server.Timeline)
        {
            throw new JournalUnavailableException(
                $"{server.Where} is on timeline {identity.Timeline} and has been replaced by a primary on {server.Timeline}: no shard is taken there.");
        }
    }

    // What stands between us and the server may have left out the settings of the session, and with them the lease.
    private static async Task RequireLeaseAsync(NpgsqlConnection connection, string where, TimeSpan lease)
    {
        if (await connection.ReadOneAsync<long>(SqlTexts.ReadLease).ConfigureAwait(false) != (long)lease.TotalMilliseconds)
            throw PostgresFailure.Pooler(where);
    }

    private static async Task LockAsync(NpgsqlConnection connection, TimeSpan wait, int shard)
    {
        var milliseconds = Math.Max(1, (long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await connection.ReadOneAsync<string>(SqlTexts.SetLockTimeout, milliseconds).ConfigureAwait(false);
        await connection.ReadOneAsync<object>(SqlTexts.LockShard, Schema.Magic, shard).ConfigureAwait(false);
        // A step that waits for a row waits as long as its lease; the lock of the shard is what had to be quick.
        await connection.ReadOneAsync<string>(SqlTexts.SetLockTimeout, "0").ConfigureAwait(false);
    }

    private static Task<string> HolderAsync(Server server, int shard) => server.ReadAsync(async connection =>
    {
        var holders = await connection.ReadAsync(
            r => $"{r.TextOrNull(0) ?? "somebody unknown"} (server process {r.GetInt32(1)}, from {r.TextOrNull(2) ?? "the server's own host"})",
            SqlTexts.ReadHolder, (long)Schema.Magic, shard).ConfigureAwait(false);
        return holders.Count > 0 ? holders[0] : "somebody who has just let it go";
    });

    private Task<ShardLease> BeginAsync(string owner) => TransactAsync(async connection =>
    {
        Epoch = await connection.ReadOneAsync<long>(SqlTexts.TakeShard, Shard, owner, _identity.System, _identity.Timeline).ConfigureAwait(false);
        var checkpoints = await connection.ReadAsync(
            r => new Checkpoint(r.GetString(0), r.GetInt64(1), r.GetFieldValue<long[]>(2)), SqlTexts.ReadCheckpoints, Shard).ConfigureAwait(false);
        var open = await connection.ReadAsync(SessionRow.Read, SqlTexts.ReadOpenSessions, Shard).ConfigureAwait(false);
        return new ShardLease(Shard, Epoch, checkpoints, open);
    });

    private async Task<T> TransactAsync<T>(Func<NpgsqlConnection, Task<T>> write)
    {
        await using var transaction = await _connection.BeginTransactionAsync().ConfigureAwait(false);
        var answer = await write(_connection).ConfigureAwait(false);
        var sent = Stopwatch.GetTimestamp();
        await transaction.CommitAsync().ConfigureAwait(false);
        Volatile.Write(ref _confirmed, sent);
        return answer;
    }

    private async Task BeatAsync(TimeSpan period)
    {
        using var timer = new PeriodicTimer(period);
        try
        {
            while (IsHeld && await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                await _turn.WaitAsync(_end.Token).ConfigureAwait(false);
                try
                {
                    await BeatOnceAsync().ConfigureAwait(false);
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The shard is being given back.
        }
    }

    private async Task BeatOnceAsync()
    {
        if (_lost is not null)
            return;
        var reason = IsReplaced ? Replaced : null;
        try
        {
            if (reason is null)
            {
                var sent = Stopwatch.GetTimestamp();
                await _connection.RunAsync(SqlTexts.Heartbeat).ConfigureAwait(false);
                Volatile.Write(ref _confirmed, sent);
            }
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            reason = Ended(e);
        }
        if (reason is not null)
        {
            await LoseAsync(reason).ConfigureAwait(false);
            _trouble($"Shard {Shard} was lost while it was idle: {reason}.");
        }
    }

    private async Task LoseAsync(string reason)
    {
        if (_lost is not null)
            return;
        Volatile.Write(ref _lost, reason);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
