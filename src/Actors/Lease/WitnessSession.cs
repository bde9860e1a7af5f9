using Akka.Actor;
using Npgsql;

namespace FtpActors.Actors.Lease;

/// <summary>What a look at the locks has found.</summary>
/// <param name="AskedAt">When it began, by the clock's timestamp.</param>
/// <param name="IsNew">The lock was taken on a new connection.</param>
/// <param name="Holders">The incarnations that hold a lock.</param>
internal sealed record WitnessLook(long AskedAt, bool IsNew, IReadOnlySet<int> Holders) : INoSerializationVerificationNeeded;

/// <summary>The witness's connection: takes the lock of an incarnation and sees who else holds one. For one caller at a time.</summary>
/// <param name="options">How it works.</param>
/// <param name="uid">Number of the incarnation.</param>
internal sealed class WitnessSession(WitnessOptions options, int uid) : IDisposable
{
    // The first of the two keys of the locks, of our own.
    private const int Class = 0x46747057;

    private readonly CancellationTokenSource _end = new();
    private NpgsqlConnection? _connection;

    /// <summary>One look; on a new connection when there is none.</summary>
    /// <exception cref="NpgsqlException">The server does not answer, or has ended the session; the next look begins anew.</exception>
    public async Task<WitnessLook> LookAsync()
    {
        var asked = TimeProvider.System.GetTimestamp();
        var isNew = _connection is null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        patience.CancelAfter(options.Limit / 2);
        try
        {
            if (_connection is null)
                await TakeAsync(patience.Token).ConfigureAwait(false);
            return new WitnessLook(asked, isNew, await ReadAsync(patience.Token).ConfigureAwait(false));
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Frees the lock.</summary>
    public void Dispose()
    {
        _end.Cancel();
        Close();
        _end.Dispose();
    }

    private void Close() => Interlocked.Exchange(ref _connection, null)?.Dispose();

    private async Task TakeAsync(CancellationToken cancel)
    {
        _connection = await DirectConnection.OpenAsync(options.Connection, "ftpactors witness", options.Limit, cancel).ConfigureAwait(false);
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1, $2)", _connection) { Parameters = { new() { Value = Class }, new() { Value = uid } } };
        if (await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is not true)
            throw new NpgsqlException("An earlier session of this node still holds its lock.");
    }

    private async Task<HashSet<int>> ReadAsync(CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid::bigint = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """, _connection) { Parameters = { new() { Value = (long)Class } } };
        await using var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        var holders = new HashSet<int>();
        while (await reader.ReadAsync(cancel).ConfigureAwait(false))
            holders.Add(unchecked((int)(uint)reader.GetInt64(0)));
        return holders;
    }
}
