using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>A result code of SQLite that is not success. Never leaves this folder: <see cref="ForCaller"/> makes it a <see cref="JournalException"/>.</summary>
internal sealed class SqliteFailure(int code, string message) : Exception($"{message} (SQLite result {code})")
{
    // The low byte of an extended result code is the code itself.
    private readonly int _code = code & 0xFF;

    /// <summary>The file itself is at fault: nothing can be written any more.</summary>
    public bool IsDamage => _code is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB;

    /// <summary>The disk, not the request, is at fault.</summary>
    public bool IsDisk => _code is raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_BUSY
        or raw.SQLITE_NOMEM or raw.SQLITE_PERM;

    /// <summary>What a caller is told.</summary>
    public JournalException ForCaller(string file) => _code switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new JournalUnusableException(
            $"Journal {file} is damaged or is not a database: {Message}. Restore it from a backup, or move it away (a new one is made at "
            + $"the next start); `sqlite3 {file} .recover` reads what can still be read.", this),
        raw.SQLITE_FULL => new JournalUnavailableException(
            $"Nothing could be written to journal {file}: the disk is full. Free space on {Path.GetDirectoryName(file)}; nothing is lost meanwhile.", this),
        raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => new JournalUnavailableException(
            $"Journal {file} cannot be written: {Message}. Check the owner and mode of the file and its folder, and that the file system is not mounted read-only.", this),
        _ => new JournalUnavailableException($"Journal {file} could not be read or written: {Message}. Check the disk and the system's log.", this),
    };
}
