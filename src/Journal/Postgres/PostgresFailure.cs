using System.Security.Authentication;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>What a failure of PostgreSQL or of the way to it means to a caller. The one place that knows SQLSTATEs.</summary>
internal static class PostgresFailure
{
    /// <summary>No partition takes the row (the code of a failed check, which event has none of).</summary>
    public static bool IsMissingDay(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.CheckViolation };

    /// <summary>The wait for a lock ended.</summary>
    public static bool IsLockTimeout(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>True for what the driver throws, and so for what <see cref="ForCaller"/> understands.</summary>
    public static bool Is(Exception e) => e is NpgsqlException or TimeoutException or IOException;

    /// <summary>The server refused the statement and nothing else: the session is as it was.</summary>
    public static bool SparesSession(Exception e) => e is PostgresException { Severity: not ("FATAL" or "PANIC") } refused
        && !refused.SqlState.StartsWith("57P", StringComparison.Ordinal) && !refused.SqlState.StartsWith("08", StringComparison.Ordinal)
        && refused.SqlState != PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>Code and words, without anything of the connection string.</summary>
    public static string Describe(Exception e) => e switch
    {
        PostgresException refused => $"{refused.MessageText} (SQLSTATE {refused.SqlState})",
        { InnerException: { } inner } => $"{e.Message.TrimEnd('.')}: {inner.Message}",
        _ => e.Message,
    };

    /// <summary>What a caller is told.</summary>
    /// <param name="e">Something for which <see cref="Is"/> is true.</param>
    /// <param name="where">Server and database, for people.</param>
    public static JournalException ForCaller(Exception e, string where)
    {
        var words = Describe(e);
        if (e is not PostgresException refused)
        {
            return e.InnerException is AuthenticationException
                ? new JournalUnusableException($"{where} cannot be trusted: {words}. Check its certificate and \"SSL Mode\" of the connection.", e)
                : new JournalUnavailableException($"{where} cannot be reached: {words}. It is tried again; what was stored nevertheless is not stored twice.", e);
        }
        // Classes and codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
        return refused.SqlState switch
        {
            PostgresErrorCodes.ProtocolViolation when words.Contains("startup parameter", StringComparison.Ordinal) => Pooler(where, e),
            PostgresErrorCodes.UndefinedObject when words.Contains("configuration parameter", StringComparison.Ordinal) =>
                new JournalUnusableException($"{where} is too old: {words}. PostgreSQL 14 or newer is needed.", e),
            PostgresErrorCodes.ReadOnlySqlTransaction => Standby(where, e),
            PostgresErrorCodes.InsufficientPrivilege => new JournalUnusableException(
                $"{where} refuses it: {words}. Give this user its role, or let the owner of the database start a node once.", e),
            PostgresErrorCodes.InvalidCatalogName => new JournalUnusableException($"{where}: {words}. Make it with createdb.", e),
            var state when state.StartsWith("28", StringComparison.Ordinal) => new JournalUnusableException(
                $"{where} does not let this user in: {words}. Check user and password of the connection and the server's pg_hba.conf.", e),
            PostgresErrorCodes.DiskFull => new JournalUnavailableException(
                $"{where} could store nothing: {words}. Free space on the server; nothing is lost meanwhile.", e),
            var state when IsPassing(state) => new JournalUnavailableException($"{where} is not available: {words}. Nothing was stored.", e),
            _ => new JournalUnusableException($"{where} refused a statement: {words}. Nothing was stored.", e),
        };
    }

    /// <summary>The server is one that follows another.</summary>
    public static JournalUnusableException Standby(string where, Exception? e = null) => new(
        $"{where} is a standby and cannot be written. Let the connection lead to the primary (several hosts and \"Target Session Attributes=primary\").", e);

    /// <summary>The journal has been copied to, or the connection leads to, a server that is no relative of the one it was made on.</summary>
    /// <param name="where">The server that was reached.</param>
    /// <param name="stored">System identifier that the journal has.</param>
    /// <param name="found">The one that this server has.</param>
    public static JournalUnusableException AnotherSystem(string where, string stored, string found) => new(
        $"The journal in {where} belongs to the server with the system identifier {stored}, and this server's is {found}: it is a copy (a restored dump, "
        + "pg_upgrade), or the connection leads to the wrong server. Two servers with one journal would each lose what the other gets. When no node uses the "
        + $"other one any more, let the owner of the database run: UPDATE journal SET system = '{found}';");

    /// <summary>Something between us and the server shares its connections.</summary>
    public static JournalUnusableException Pooler(string where, Exception? e = null) => new(
        $"{where} is reached through a connection pooler (pgbouncer or the like), and a shard's lock needs a connection of its own. "
        + "No mode of it will do, also not session pooling. Let the connection lead to PostgreSQL itself.", e);

    // 08 the connection, 53 resources, 57P shutting down or starting, 40 collisions of transactions; a cancelled statement; a lock not got in time.
    private static bool IsPassing(string state) =>
        state is [ '0', '8', .. ] or [ '5', '3', .. ] or [ '5', '7', 'P', .. ] or [ '4', '0', .. ]
            or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable;
}
