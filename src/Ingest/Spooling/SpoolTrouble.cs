using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Spooling;

/// <summary>Why a spool cannot be written, for a person.</summary>
internal static class SpoolTrouble
{
    // SQLite's result codes, sqlite3.h.
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Full = 13;

    public static string Describe(Exception cause)
    {
        for (var e = cause; e is not null; e = e.InnerException)
        {
            if (e is SqliteException sqlite)
            {
                return sqlite.SqliteErrorCode switch
                {
                    Full => "There is no space left on the disk of the data folder. Make room; reading goes on by itself.",
                    IoError => $"The disk of the data folder has an error ({sqlite.Message}). Look at the system's log; reading goes on when it can.",
                    ReadOnly => $"The data folder cannot be written ({sqlite.Message}). Look at its mode, and whether its file system is mounted read-only.",
                    _ => sqlite.Message,
                };
            }
        }
        return cause.Message;
    }
}
