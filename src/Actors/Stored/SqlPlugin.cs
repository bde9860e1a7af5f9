using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Stored;

/// <summary>
/// Journal, snapshot store and read journal of Akka.Persistence.Sql as configuration. The settings that count are measured: payloads as parameters and not as texts, no tags,
/// no replay filter (the key of the table refuses a second writer).
/// </summary>
public static class SqlPlugin
{
    /// <summary>
    /// In one SQLite file: one writer (SQLite has no more), and reads that do not take the lock of writes (any other level begins a transaction that writes; nothing uncommitted
    /// is read, because the connections share no cache).
    /// </summary>
    /// <param name="name">Name of the plugins <c>akka.persistence.journal.NAME</c>, <c>snapshot-store.NAME</c> and <c>query.journal.NAME</c>: <c>handlers</c>, <c>spool</c>.</param>
    /// <param name="file">Full path of the file.</param>
    public static string Sqlite(string name, string file) => Config(name, "SQLite.MS", ConnectionTo(file), "read-uncommitted", writers: 1);

    /// <summary>In a PostgreSQL database, whose tables are there.</summary>
    /// <param name="name">As above.</param>
    /// <param name="connection">Npgsql's connection string.</param>
    public static string Postgres(string name, string connection) => Config(name, "PostgreSQL.15", connection, "read-committed", writers: 4);

    internal static string ConnectionTo(string file) => new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();

    /// <summary>Ids of the plugins of a name.</summary>
    internal static IReadOnlyList<string> Ids(string name) => [$"akka.persistence.journal.{name}", $"akka.persistence.snapshot-store.{name}", $"akka.persistence.query.journal.{name}"];

    private static string Config(string name, string provider, string connection, string isolation, int writers)
    {
        var database = string.Create(CultureInfo.InvariantCulture, $$"""
              plugin-dispatcher = "akka.persistence.dispatchers.default-plugin-dispatcher"
              connection-string = {{Quote(connection)}}
              provider-name = "{{provider}}"
              read-isolation-level = {{isolation}}
            """);
        return string.Create(CultureInfo.InvariantCulture, $$"""
            akka.persistence.journal.{{name}} {
              class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
              plugin-id = "akka.persistence.journal.{{name}}"
            {{database}}
              parallelism = {{writers}}
              batch-size = 200
              prefer-parameters-on-multirow-insert = true
              tag-write-mode = Csv
              replay-filter { mode = off }
              circuit-breaker { max-failures = 10, call-timeout = 20s, reset-timeout = 1s }
            }
            akka.persistence.snapshot-store.{{name}} {
              class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
              plugin-id = "akka.persistence.snapshot-store.{{name}}"
            {{database}}
            }
            akka.persistence.query.journal.{{name}} {
              class = "Akka.Persistence.Sql.Query.SqlReadJournalProvider, Akka.Persistence.Sql"
              plugin-id = "akka.persistence.query.journal.{{name}}"
              write-plugin = "akka.persistence.journal.{{name}}"
            {{database}}
              parallelism = {{writers}}
              tag-read-mode = Csv
              max-buffer-size = 500
              refresh-interval = 1s
            }

            """);
    }

    private static string Quote(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
