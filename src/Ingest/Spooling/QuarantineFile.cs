using System.Runtime.CompilerServices;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Spooling;

/// <summary>
/// What a node could not decode, in a file beside its spool: kept whole until a person releases it. The spool's rows come first, so writing a message again changes
/// nothing. Bytes of damaged rows are kept here too, with numbers of their own. Safe for callers on any thread.
/// </summary>
public sealed class QuarantineFile
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "quarantine.db";

    /// <summary>Numbers from here on are those of damaged rows; the spool counts the messages from 1.</summary>
    public const long FirstDamaged = 1_000_000_000_001;

    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS quarantine (
            id INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, source TEXT NOT NULL, sender TEXT, reason TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
        """;

    private readonly string _connection;

    private QuarantineFile(string connection) => _connection = connection;

    /// <summary>Opens the file in a folder, and makes it when there is none.</summary>
    /// <exception cref="SqliteException">It cannot be used.</exception>
    public static async Task<QuarantineFile> OpenAsync(string folder)
    {
        var file = new QuarantineFile(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, FileName), DefaultTimeout = 30 }.ToString());
        await using var connection = await file.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
        await RunAsync(connection, "PRAGMA journal_mode=WAL;").ConfigureAwait(false);
        await RunAsync(connection, Schema).ConfigureAwait(false);
        return file;
    }

    /// <summary>Keeps messages and lets others go, in one transaction.</summary>
    internal async Task KeepAsync(IReadOnlyList<QuarantineEntry> entries, IReadOnlyList<long> released)
    {
        await using var connection = await ConnectAsync(CancellationToken.None).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        foreach (var (id, message) in entries)
        {
            await RunAsync(
                connection, "INSERT OR IGNORE INTO quarantine (id, received_at, source, sender, reason, bytes) VALUES ($id, $at, $source, $sender, $reason, $bytes)",
                ("$id", id), ("$at", (message.ReceivedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond), ("$source", message.Source),
                ("$sender", (object?)message.Sender ?? DBNull.Value), ("$reason", message.Reason), ("$bytes", message.Bytes)).ConfigureAwait(false);
        }
        foreach (var id in released)
            await RunAsync(connection, "DELETE FROM quarantine WHERE id = $id", ("$id", id)).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
    }

    /// <summary>Keeps bytes of a damaged row, once.</summary>
    internal async Task KeepAsync(PutAside aside, DateTimeOffset now)
    {
        await using var connection = await ConnectAsync(CancellationToken.None).ConfigureAwait(false);
        await RunAsync(
            connection,
            """
            INSERT INTO quarantine (id, received_at, source, sender, reason, bytes)
            SELECT max($first, (SELECT coalesce(max(id), 0) + 1 FROM quarantine)), $at, $source, $place, $reason, $bytes
            WHERE NOT EXISTS (SELECT 1 FROM quarantine WHERE id >= $first AND source = $source AND sender = $place AND bytes = $bytes)
            """,
            ("$first", FirstDamaged), ("$at", (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond), ("$source", aside.Source), ("$place", aside.Place),
            ("$reason", aside.Reason), ("$bytes", aside.Bytes)).ConfigureAwait(false);
    }

    /// <summary>Quarantined messages whose id is higher, oldest first.</summary>
    public async IAsyncEnumerable<QuarantineEntry> QueryAsync(long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var connection = await ConnectAsync(cancel).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, received_at, source, sender, reason, bytes FROM quarantine WHERE id > $after ORDER BY id";
        command.Parameters.AddWithValue("$after", after);
        await using var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
        while (await reader.ReadAsync(cancel).ConfigureAwait(false))
            yield return Entry(reader);
    }

    /// <summary>One quarantined message, null when there is none of that number.</summary>
    public async Task<QuarantineEntry?> ReadAsync(long id)
    {
        await using var connection = await ConnectAsync(CancellationToken.None).ConfigureAwait(false);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, received_at, source, sender, reason, bytes FROM quarantine WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false) ? Entry(reader) : null;
    }

    private static QuarantineEntry Entry(SqliteDataReader reader) => new(
        reader.GetInt64(0),
        new QuarantinedMessage(
            DateTimeOffset.UnixEpoch.AddTicks(reader.GetInt64(1) * TimeSpan.TicksPerMicrosecond), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
            reader.GetString(4), reader.GetFieldValue<byte[]>(5)));

    private async Task<SqliteConnection> ConnectAsync(CancellationToken cancel)
    {
        var connection = new SqliteConnection(_connection);
        await connection.OpenAsync(cancel).ConfigureAwait(false);
        return connection;
    }

    private static async Task RunAsync(SqliteConnection connection, string text, params (string Name, object Value)[] values)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are the constants of this file.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }
}
