using System.Globalization;
using System.Security.Cryptography;

namespace FtpActors.Journal.Sqlite;

/// <summary>Opens the file of a journal for its writer: makes it, brings its schema up to date, checks that it is ours.</summary>
internal static class JournalFile
{
    /// <exception cref="JournalUnusableException">It cannot be used as it is.</exception>
    public static WriterRows Open(string file, SqliteJournalOptions options)
    {
        Database? database = null;
        try
        {
            FolderLock.Touch(file);
            database = Database.Open(file, readOnly: false);
            Prepare(database, file, options);
            return new WriterRows(database, options.Shards);
        }
        catch (SqliteFailure e)
        {
            database?.Dispose();
            throw e.IsDamage ? e.ForCaller(file) : new JournalUnusableException(e.ForCaller(file).Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException($"The journal {file} cannot be written: {e.Message} Check its owner and mode.", e);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    private static void Prepare(Database database, string file, SqliteJournalOptions options)
    {
        // Takes effect only in a file without tables. A leaf holds about 25 events; 4 KiB was no faster, 16 KiB slower.
        database.Execute("PRAGMA page_size = 8192");
        Require(database, file, "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal");
        // FULL: every commit waits until the write-ahead log is on the disk. That is promise 1.
        Require(database, file, "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2");
        // 64 MiB keeps the pages that appends and session updates touch in memory; the log is copied back by the writer itself.
        database.Execute("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF");

        Migrate(database, file, options);
        var shards = int.Parse(database.Read(SqlTexts.All.ReadJournal), CultureInfo.InvariantCulture);
        if (shards != options.Shards)
        {
            throw new JournalUnusableException(
                $"The journal {file} was made with {shards} shards, the configuration says {options.Shards}. The number is fixed when the "
                + $"journal is made: set it back to {shards}, or start with a new data folder.");
        }
        foreach (var text in SqlTexts.All.Statements)
            database.Prepare(text).Dispose();
    }

    private static void Require(Database database, string file, string set, string read, string wanted)
    {
        database.Execute(set);
        var got = database.Read(read);
        if (got != wanted)
        {
            throw new JournalUnusableException(
                $"The journal {file} cannot be made safe: {read} is {got}, not {wanted}. Put the data folder on a local file system.");
        }
    }

    private static void Migrate(Database database, string file, SqliteJournalOptions options)
    {
        var steps = SqlTexts.All.Migrations;
        var version = int.Parse(database.Read("PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > steps.Count)
        {
            throw new JournalUnusableException(
                $"The journal {file} has schema version {version}, this program knows {steps.Count}: a newer one has used it. Run the newer program.");
        }
        if (version == steps.Count)
            return;

        database.Execute("BEGIN IMMEDIATE");
        foreach (var step in steps.Skip(version))
            database.Execute(step);
        if (version == 0)
            Found(database, options);
        // A pragma takes no parameters; the number is our own count of files.
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {steps.Count}"));
        database.Execute("COMMIT");
    }

    private static void Found(Database database, SqliteJournalOptions options)
    {
        var sql = SqlTexts.All;
        database[sql.InsertJournal].Bind(1, options.Shards).Run();
        for (var shard = 0; shard < options.Shards; shard++)
            database[sql.InsertShard].Bind(1, shard).Run();
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        database[sql.InsertSpool].Bind(1, id).Bind(2, options.Host).Run();
    }
}
