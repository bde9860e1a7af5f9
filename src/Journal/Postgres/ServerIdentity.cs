using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>Which server a connection has led to.</summary>
/// <param name="System">Identifier that initdb gave it, the same on its standbys; null where this user may not read it.</param>
/// <param name="Timeline">Raised by every promotion of a standby; 0 on a standby.</param>
/// <param name="IsStandby">Follows another server.</param>
internal sealed record ServerIdentity(string? System, int Timeline, bool IsStandby)
{
    /// <summary>Asks the server at the other end.</summary>
    /// <param name="connection">Open.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="JournalUnusableException">There is a pooler between.</exception>
    public static async Task<ServerIdentity> ReadAsync(NpgsqlConnection connection, string where)
    {
        var (pid, standby, timeline) = (await connection
            .ReadAsync(r => (r.GetInt32(0), r.GetBoolean(1), r.GetInt32(2)), SqlTexts.ReadIdentity).ConfigureAwait(false))[0];
        // A pooler makes up the process id of the greeting, because the client's connection has no process of its own.
        if (pid != connection.ProcessID)
            throw PostgresFailure.Pooler(where);
        return new ServerIdentity(await ReadSystemAsync(connection).ConfigureAwait(false), timeline, standby);
    }

    // Every user may by default; some hosts of PostgreSQL have taken it away.
    private static async Task<string?> ReadSystemAsync(NpgsqlConnection connection)
    {
        try
        {
            return await connection.ReadOneAsync<string>(SqlTexts.ReadSystem).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}
