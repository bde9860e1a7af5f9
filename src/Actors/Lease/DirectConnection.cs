using System.Globalization;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Actors.Lease;

/// <summary>
/// A connection that holds a session-level lock: one backend of the primary for its whole life, whose silence the server ends (<c>idle_session_timeout</c>, PostgreSQL 14 and
/// later). Keepalives would not do: a frozen process, or a relay that stops relaying, still answers them (measured).
/// </summary>
internal static class DirectConnection
{
    /// <summary>Opens it: on the one of the servers that is the primary, through no pooler.</summary>
    /// <param name="connection">Npgsql's connection string; may name several servers.</param>
    /// <param name="purpose">Shown in <c>pg_stat_activity</c>.</param>
    /// <param name="limit">How long it may be silent before the server ends it.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="JournalUnusableException">There is a pooler between: a lock would stay on a backend that others use next.</exception>
    /// <exception cref="NpgsqlException">No server can be reached, or none is the primary.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(string connection, string purpose, TimeSpan limit, CancellationToken cancel)
    {
        var all = new NpgsqlConnectionStringBuilder(connection);
        Exception? last = null;
        // One after the other: Npgsql looks for a primary among several only with its pool, which gives a connection back without freeing its locks.
        foreach (var host in (all.Host ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var opened = new NpgsqlConnection(Settings(connection, host, purpose, limit));
            try
            {
                await opened.OpenAsync(cancel).ConfigureAwait(false);
                if (await IsPrimaryAsync(opened, cancel).ConfigureAwait(false))
                    return opened;
                last = new NpgsqlException($"{host} is a standby.");
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProtocolViolation)
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                throw Pooler(e);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                last = e;
            }
            catch
            {
                await opened.DisposeAsync().ConfigureAwait(false);
                throw;
            }
            await opened.DisposeAsync().ConfigureAwait(false);
        }
        throw last as NpgsqlException ?? new NpgsqlException(last?.Message ?? "The connection names no server.", last);
    }

    private static string Settings(string connection, string host, string purpose, TimeSpan limit)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection)
        {
            Host = host, Pooling = false, Enlist = false, TargetSessionAttributes = null, ApplicationName = purpose,
            CommandTimeout = Math.Max(1, (int)limit.TotalSeconds), Timeout = Math.Max(1, (int)limit.TotalSeconds), CancellationTimeout = -1,
        };
        settings.Options = string.Create(CultureInfo.InvariantCulture,
            $"{settings.Options} -c idle_session_timeout={limit.TotalMilliseconds:0} -c idle_in_transaction_session_timeout={limit.TotalMilliseconds:0} -c statement_timeout={limit.TotalMilliseconds:0}").Trim();
        // Port stands in the host when there are several.
        return settings.ToString();
    }

    private static async Task<bool> IsPrimaryAsync(NpgsqlConnection opened, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid(), pg_is_in_recovery()", opened);
        await using var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        await reader.ReadAsync(cancel).ConfigureAwait(false);
        if (reader.GetInt32(0) != opened.ProcessID)
            throw Pooler(null);
        return !reader.GetBoolean(1);
    }

    // One that takes no settings of a session says so at once (pgbouncer's default); one that passes them over has a number of its own in the place of the backend's.
    private static JournalUnusableException Pooler(Exception? reason) => new(
        "There is a pooler (pgbouncer or its like) between this node and PostgreSQL, where a lock does not belong to the node that took it. Name the server itself in journal.connection.", reason);
}
