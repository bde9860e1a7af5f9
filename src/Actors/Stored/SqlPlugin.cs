using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Stored;

/// <summary>
/// Journal, snapshot store and read journal of Akka.Persistence.Sql in one SQLite file, as configuration. The settings that count are measured: one writer (SQLite has
/// no more), reads that do not take the lock of writes (any other level begins a transaction that writes; nothing uncommitted is read, because the connections share no cache),
/// payloads as parameters and not as texts, no tags, no replay filter (the key of the table refuses a second writer).
/// </summary>
public static class SqlPlugin
{
    /// <summary>Configuration of the plugins <c>akka.persistence.journal.NAME</c>, <c>snapshot-store.NAME</c> and <c>query.journal.NAME</c>.</summary>
    /// <param name="name">Its name: <c>handlers</c>, <c>spool</c>.</param>
    /// <param name="file">Full path of the file.</param>
    public static string Config(string name, string file)
    {
        var connection = Quote(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString());
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka.persistence.journal.{{name}} {
              class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
              plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
              plugin-id = "akka.persistence.journal.{{name}}"
              connection-string = {{connection}}
              provider-name = "SQLite.MS"
              read-isolation-level = read-uncommitted
              parallelism = 1
              batch-size = 200
              prefer-parameters-on-multirow-insert = true
              tag-write-mode = Csv
              replay-filter { mode = off }
              circuit-breaker { max-failures = 10, call-timeout = 20s, reset-timeout = 1s }
            }
            akka.persistence.snapshot-store.{{name}} {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
              plugin-id = "akka.persistence.snapshot-store.{{name}}"
              connection-string = {{connection}}
              provider-name = "SQLite.MS"
              read-isolation-level = read-uncommitted
            }
            akka.persistence.query.journal.{{name}} {
              class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
              plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
              plugin-id = "akka.persistence.query.journal.{{name}}"
              write-plugin = "akka.persistence.journal.{{name}}"
              connection-string = {{connection}}
              provider-name = "SQLite.MS"
              read-isolation-level = read-uncommitted
              parallelism = 1
              tag-read-mode = Csv
              max-buffer-size = 500
              refresh-interval = 1s
            }

            """);
    }

    private static string Quote(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
