using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// This process's place in the cluster: the one connection that holds the advisory lock of its name and that every beat goes through. A node
/// that is dead or frozen beats no more, so its session ends, and with it its membership: at once when the connection breaks, after the lease
/// when it is only silent.
/// </summary>
internal sealed class Membership(Server server, TimeSpan lease) : IAsyncDisposable
{
    /// <summary>First of the two keys of the lock of a membership; the second is the number of the node's row. "FTPM".</summary>
    public const int Magic = 0x4654504D;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private NpgsqlConnection? _connection;
    private Guid? _instance;
    private int _number;

    /// <exception cref="NameTakenException">Another process has the name, or had it since.</exception>
    /// <exception cref="JournalException">The server cannot be reached or does not let it in.</exception>
    public async Task<ClusterView> BeatAsync(MemberBeat beat)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _connection ??= await JoinAsync(beat).ConfigureAwait(false);
            return await BeatAsync(_connection, beat).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await DropAsync().ConfigureAwait(false);
            if (PostgresFailure.Is(e))
                throw PostgresFailure.ForCaller(e, server.Where);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the membership, when there is one.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> ResignAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_connection is null)
                return false;
            // By a statement, because the server notices a closed socket a moment later.
            await _connection.ReadOneAsync<bool>(SqlTexts.UnlockMember, Magic, _number).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.ForCaller(e, server.Where);
        }
        finally
        {
            await DropAsync().ConfigureAwait(false);
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        await DropAsync().ConfigureAwait(false);
        _turn.Release();
    }

    private async Task<NpgsqlConnection> JoinAsync(MemberBeat beat)
    {
        var connection = await server.OpenOwnAsync($"ftpactors member {beat.Name}", lease).ConfigureAwait(false);
        try
        {
            await connection.RunAsync(SqlTexts.InsertMember, beat.Name).ConfigureAwait(false);
            var found = await connection.ReadAsync(
                r => (Number: r.GetInt32(0), Instance: r.IsDBNull(1) ? (Guid?)null : r.GetGuid(1)), SqlTexts.ReadMember, beat.Name).ConfigureAwait(false);
            if (found is not [var (number, instance)])
                throw new JournalUnavailableException($"Node {beat.Name} was forgotten while it was joining the cluster; it is tried again.");
            if (_instance is not null && instance != _instance)
                throw await TakenAsync(beat.Name).ConfigureAwait(false);
            if (!await LockAsync(connection, number).ConfigureAwait(false))
                throw await TakenAsync(beat.Name).ConfigureAwait(false);
            if (!await connection.ReadOneAsync<bool>(SqlTexts.HoldsLock, (long)Magic, (long)number).ConfigureAwait(false))
                throw PostgresFailure.Pooler(server.Where);
            if (await connection.RunAsync(SqlTexts.TakeMember, number, beat.Instance, _instance).ConfigureAwait(false) == 0)
            {
                throw _instance is null
                    ? new JournalUnavailableException($"Node {beat.Name} was forgotten while it was joining the cluster; it is tried again.")
                    : await TakenAsync(beat.Name).ConfigureAwait(false);
            }
            (_instance, _number) = (beat.Instance, number);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // A run before this one that died without a word holds the lock for as long as its lease; one that lives holds it for longer.
    private async Task<bool> LockAsync(NpgsqlConnection connection, int number)
    {
        // Each wait is one statement, which the server ends after the lease.
        var wait = ((long)lease.TotalMilliseconds / 2).ToString(CultureInfo.InvariantCulture);
        await connection.ReadOneAsync<string>(SqlTexts.SetLockTimeout, wait).ConfigureAwait(false);
        for (var tries = 0; tries < 3; tries++)
        {
            try
            {
                await connection.ReadOneAsync<object>(SqlTexts.LockMember, Magic, number).ConfigureAwait(false);
                await connection.ReadOneAsync<string>(SqlTexts.SetLockTimeout, "0").ConfigureAwait(false);
                return true;
            }
            catch (PostgresException e) when (PostgresFailure.IsLockTimeout(e))
            {
                // Still there.
            }
        }
        return false;
    }

    private async Task<ClusterView> BeatAsync(NpgsqlConnection connection, MemberBeat beat)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SqlTexts.RelaxBeat)
            .Add(SqlTexts.BeatMember, _number, beat.Instance, beat.Roles.ToArray(), beat.Weight, beat.Version, beat.Url,
                beat.State == MemberState.Up ? "up" : "leaving", beat.Refused.ToArray(), beat.Backlog)
            .Add(SqlTexts.ReadCluster, (long)Magic, (long)Schema.Magic);
        ClusterView view;
        await using (var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false))
        {
            // Past the answer of the setting; the update has none.
            await reader.NextResultAsync().ConfigureAwait(false);
            view = await ClusterRows.ReadAsync(reader).ConfigureAwait(false);
        }
        return batch.BatchCommands[1].RecordsAffected > 0 ? view : throw await TakenAsync(beat.Name).ConfigureAwait(false);
    }

    private async Task<NameTakenException> TakenAsync(string name)
    {
        var view = await server.ReadAsync(ClusterRows.ReadAsync).ConfigureAwait(false);
        var other = view.Members.FirstOrDefault(m => m.Beat.Name == name);
        return new NameTakenException(name, other is null ? "it was there a moment ago" : $"its API is {other.Beat.Url}, it runs since {other.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
    }

    private async Task DropAsync()
    {
        var connection = _connection;
        _connection = null;
        if (connection is not null)
            await connection.DisposeAsync().ConfigureAwait(false);
    }
}
