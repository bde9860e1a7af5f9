using System.Globalization;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Stored;

/// <summary>The SQLite file of a journal: made ready before Akka.Persistence.Sql opens it, and checked to be what it should be.</summary>
public static class JournalFile
{
    private const int Version = 1;

    // What Akka.Persistence.Sql and this class make. A flipped bit in a name hides what is under it, and an empty table would be made in its place.
    private static readonly Dictionary<string, string[]> Tables = new(StringComparer.Ordinal)
    {
        ["ftpactors_journal"] = ["version", "handlers"],
        ["journal"] = ["ordering", "created", "deleted", "persistence_id", "sequence_number", "message", "tags", "manifest", "identifier", "writer_uuid"],
        ["snapshot"] = ["persistence_id", "sequence_number", "created", "snapshot", "manifest", "serializer_id"],
        ["sqlite_sequence"] = ["name", "seq"],
    };

    // SQLite's result codes (sqlite3.h) of a file that is damaged or none of its own.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>
    /// Makes the file when there is none, readable by its owner only, with a write-ahead log; every commit is on the disk before it is told (SQLite's default, read back here).
    /// </summary>
    /// <param name="file">Full path.</param>
    /// <param name="handlers">Number of handlers whose journal it is, fixed when it is made; 0 for the journal of a spool.</param>
    /// <exception cref="JournalUnusableException">It cannot be used as it is; the message says why and the way out.</exception>
    public static async Task PrepareAsync(string file, int handlers)
    {
        try
        {
            Touch(file);
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString());
            await connection.OpenAsync().ConfigureAwait(false);
            await PrepareAsync(connection, file, handlers).ConfigureAwait(false);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Corrupt or NotADatabase)
        {
            throw new JournalUnusableException(
                $"The journal {file} is damaged so that SQLite cannot read it ({e.Message}). 'ftpactors journal check' says what can be read; restore it from a backup, "
                + "or move it away to start with an empty one.", e);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException($"The journal {file} cannot be written: {e.Message} Check its owner and mode, and that its disk is not full.", e);
        }
    }

    private static async Task PrepareAsync(SqliteConnection connection, string file, int handlers)
    {
        if (await ReadAsync(connection, "PRAGMA journal_mode=WAL").ConfigureAwait(false) is not "wal")
            throw new JournalUnusableException($"{file}: SQLite keeps no write-ahead log here. The data folder must be on a local disk.");
        if (await ReadAsync(connection, "PRAGMA synchronous").ConfigureAwait(false) is not 2L)
            throw new JournalUnusableException($"{file}: SQLite does not write commits to the disk at once (synchronous is not FULL).");
        if (await ReadAsync(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'event'").ConfigureAwait(false) is not 0L)
        {
            throw new JournalUnusableException(
                $"The journal {file} was made by an earlier version of this program, which kept it otherwise. Start with a new data folder (node.data); the old one stays as it is.");
        }
        await CheckTablesAsync(connection, file).ConfigureAwait(false);
        await ReadAsync(connection, "CREATE TABLE IF NOT EXISTS ftpactors_journal (version INTEGER NOT NULL, handlers INTEGER NOT NULL)").ConfigureAwait(false);
        await ReadAsync(connection, string.Create(CultureInfo.InvariantCulture,
            $"INSERT INTO ftpactors_journal SELECT {Version}, {handlers} WHERE NOT EXISTS (SELECT 1 FROM ftpactors_journal)")).ConfigureAwait(false);
        if (await ReadAsync(connection, "SELECT version FROM ftpactors_journal").ConfigureAwait(false) is not (long and <= Version))
            throw new JournalUnusableException($"The journal {file} was made by a later version of this program: use that one.");
        if (await ReadAsync(connection, "SELECT handlers FROM ftpactors_journal").ConfigureAwait(false) is var made && made is not long || (long)made != handlers)
        {
            throw new JournalUnusableException(
                $"The journal {file} was made with {made} shards, the configuration says {handlers}. The number is fixed when the journal is made: set journal.shards "
                + $"back to {made}, or start with a new data folder.");
        }
    }

    /// <summary>
    /// Makes the columns around the payloads what they always are, where a flipped bit has made them something that Akka.Persistence cannot read: which serializer it is, and that a
    /// payload is bytes. What a payload says is told by its own checksum.
    /// </summary>
    /// <param name="file">Full path.</param>
    /// <param name="serializer">Identifier of the one serializer of all its rows.</param>
    /// <returns>How many rows were mended.</returns>
    public static async Task<long> MendAsync(string file, int serializer)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString());
        await connection.OpenAsync().ConfigureAwait(false);
        var mended = 0L;
        foreach (var (table, payload, id) in new[] { ("journal", "message", "identifier"), ("snapshot", "snapshot", "serializer_id") })
        {
            mended += await ReadAsync(connection, string.Create(CultureInfo.InvariantCulture,
                $"""
                UPDATE {table} SET {payload} = CAST(coalesce({payload}, '') AS BLOB), {id} = {serializer}, manifest = CAST(coalesce(manifest, '') AS TEXT), created = CAST(created AS INTEGER)
                WHERE typeof({payload}) <> 'blob' OR {id} IS NOT {serializer} OR typeof(manifest) <> 'text' OR typeof(created) <> 'integer';
                SELECT changes()
                """)).ConfigureAwait(false) is long rows ? rows : 0;
        }
        return mended;
    }

    private static async Task CheckTablesAsync(SqliteConnection connection, string file)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT t.name, c.name FROM sqlite_master t LEFT JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            var (table, column) = (reader.GetValue(0).ToString()!, reader.GetValue(1).ToString()!);
            // Of ANALYZE, and what sqlite3's .recover could not place.
            if (table.StartsWith("sqlite_stat", StringComparison.Ordinal) || table.StartsWith("lost_and_found", StringComparison.Ordinal))
                continue;
            if (!Tables.TryGetValue(table, out var columns) || !columns.Contains(column, StringComparer.Ordinal))
            {
                throw new JournalUnusableException(
                    $"The journal {file} is damaged or was changed: it has a table \"{table}\" with a column \"{column}\", which no version of this program makes. Restore it from a backup, "
                    + "or move it away to start with an empty one.");
            }
        }
    }

    // SQLite gives its other files the mode of this one.
    private static void Touch(string file)
    {
        using var made = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 0,
        });
    }

    private static async Task<object?> ReadAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the texts above, with nothing but numbers in it.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync().ConfigureAwait(false);
    }
}
