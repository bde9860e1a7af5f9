using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Stored;

/// <summary>Something in a journal that cannot be read.</summary>
/// <param name="File">The file.</param>
/// <param name="Place">Which row or snapshot of whom, or "the file".</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Meaning">What it means for the node.</param>
public sealed record JournalFault(string File, string Place, string Reason, string Meaning);

/// <summary>Looks at every row of a journal's file, beside a running node or without one.</summary>
/// <param name="file">Full path.</param>
/// <param name="damageOf">What is wrong with a payload of a manifest; null when it is whole.</param>
public sealed class JournalCheck(string file, Func<byte[], string, string?> damageOf)
{
    /// <summary>Rows and snapshots looked at so far.</summary>
    public long Checked { get; private set; }

    /// <summary>What is damaged, in the order of the file.</summary>
    public IEnumerable<JournalFault> Run()
    {
        var found = new List<JournalFault>();
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = file, Mode = SqliteOpenMode.ReadOnly, DefaultTimeout = 30, Pooling = false,
            }.ToString());
            connection.Open();
            CheckPages(connection, found);
            CheckRows(connection, found);
            CheckSnapshots(connection, found);
        }
        catch (SqliteException e)
        {
            found.Add(new JournalFault(file, "the file", e.Message, "SQLite cannot read on from here: restore it from a backup, or copy what can be read with 'sqlite3 FILE .recover'"));
        }
        return found;
    }

    private void CheckPages(SqliteConnection connection, List<JournalFault> found)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check(20)";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (reader.GetString(0) is var said and not "ok")
                found.Add(new JournalFault(file, "the file", said, "rows in these pages may be missing or be found twice: stop the node and restore the file from a backup"));
        }
    }

    private void CheckRows(SqliteConnection connection, List<JournalFault> found)
    {
        if (!HasTable(connection, "journal"))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT persistence_id, sequence_number, manifest, message FROM journal ORDER BY persistence_id, sequence_number";
        using var reader = command.ExecuteReader();
        var (before, last) = ("", 0L);
        while (reader.Read())
        {
            var (id, row) = (reader.GetString(0), reader.GetInt64(1));
            if (id == before && row != last + 1)
                found.Add(new JournalFault(file, $"rows {Text(last + 1)} to {Text(row - 1)} of {id}", "they are not there", "what they held is missing"));
            (before, last) = (id, row);
            Checked++;
            if (damageOf((byte[])reader.GetValue(3), reader.IsDBNull(2) ? "" : reader.GetString(2)) is { } damage)
                found.Add(new JournalFault(file, $"row {Text(row)} of {id}", damage, "the node passes over it; what it held is missing and is counted in 'status'"));
        }
    }

    private void CheckSnapshots(SqliteConnection connection, List<JournalFault> found)
    {
        if (!HasTable(connection, "snapshot"))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT persistence_id, sequence_number, manifest, snapshot FROM snapshot ORDER BY persistence_id, sequence_number";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            Checked++;
            if (damageOf((byte[])reader.GetValue(3), reader.IsDBNull(2) ? "" : reader.GetString(2)) is { } damage)
            {
                found.Add(new JournalFault(
                    file, $"the snapshot of {reader.GetString(0)} at row {Text(reader.GetInt64(1))}", damage, "the node goes on from the one before it and the rows since"));
            }
        }
    }

    private static bool HasTable(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name";
        command.Parameters.AddWithValue("$name", name);
        return command.ExecuteScalar() is 1L;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
