using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>One connection, used by one thread at a time. Keeps every statement it has prepared; there are about thirty.</summary>
internal sealed class Database : IDisposable
{
    private readonly sqlite3 _db;
    private readonly Dictionary<string, Statement> _prepared = new(StringComparer.Ordinal);

    private Database(sqlite3 db) => _db = db;

    /// <summary>True inside a transaction that was not rolled back by SQLite itself.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_db) == 0;

    /// <summary>Rows changed by the last statement.</summary>
    public int Changes => raw.sqlite3_changes(_db);

    /// <exception cref="SqliteFailure">It cannot be opened.</exception>
    public static Database Open(string file, bool readOnly)
    {
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE) | raw.SQLITE_OPEN_NOMUTEX;
        var result = raw.sqlite3_open_v2(file, out var db, flags, null);
        if (result != raw.SQLITE_OK)
        {
            var message = db is null ? "out of memory" : raw.sqlite3_errmsg(db).utf8_to_string();
            db?.Dispose();
            throw new SqliteFailure(result, message);
        }
        raw.sqlite3_extended_result_codes(db, 1);
        // Readers meet a lock only for moments (the reset of the log, recovery at the start).
        raw.sqlite3_busy_timeout(db, 10_000);
        return new Database(db);
    }

    /// <summary>Runs a script of our own.</summary>
    public void Execute(string script)
    {
        var result = raw.sqlite3_exec(_db, script);
        if (result != raw.SQLITE_OK)
            throw new SqliteFailure(result, raw.sqlite3_errmsg(_db).utf8_to_string());
    }

    /// <summary>The statement for a text, kept for the next time, ready to be bound.</summary>
    public Statement this[string sql]
    {
        get
        {
            if (!_prepared.TryGetValue(sql, out var statement))
                _prepared.Add(sql, statement = Prepare(sql));
            return statement;
        }
    }

    /// <summary>A statement of the caller's own, where one text runs several times at once.</summary>
    public Statement Prepare(string sql)
    {
        var result = raw.sqlite3_prepare_v2(_db, sql, out var statement);
        return result == raw.SQLITE_OK
            ? new Statement(_db, statement)
            : throw new SqliteFailure(result, raw.sqlite3_errmsg(_db).utf8_to_string());
    }

    /// <summary>First column of the first row of one of our own texts.</summary>
    public string Read(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Pages written by this connection since the last call: what the write-ahead log has grown by.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_db, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return pages;
    }

    /// <summary>Copies the write-ahead log into the database as far as readers allow, without waiting for them.</summary>
    /// <returns>False when it could not (disk trouble, which the next commit will meet and report).</returns>
    public bool Checkpoint(int mode) => raw.sqlite3_wal_checkpoint_v2(_db, null, mode, out _, out _) == raw.SQLITE_OK;

    public void Dispose()
    {
        foreach (var statement in _prepared.Values)
            statement.Dispose();
        _db.Dispose();
    }
}
