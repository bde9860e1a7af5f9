using FtpActors.Protocol.Watching;
using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Watching;

/// <summary>
/// The files that were told, with the batch in which they were: a file of SQLite. It is written before the batch goes to the spool, and the spool's bookmark says which batch is
/// stored: at the start, what later batches put in or took out is undone. So after a kill at any point each version is told once. Safe for callers on any thread.
/// </summary>
internal sealed class ToldFiles : IKnownFiles, IDisposable
{
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS files (
            path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
            teller TEXT NOT NULL, batch INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0, event BLOB) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS files_inode ON files (inode, device);
        CREATE INDEX IF NOT EXISTS files_gone ON files (batch) WHERE gone = 1;
        """;

    private const string Columns = "path, device, inode, size, modified, changed, teller";

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _at;
    private readonly SqliteCommand _of;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _refresh;
    private readonly SqliteCommand _remove;
    private SqliteTransaction? _transaction;
    private bool _hasGone;

    /// <summary>Opens the file, and makes it when there is none.</summary>
    /// <exception cref="SqliteException">It cannot be used.</exception>
    public ToldFiles(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, Pooling = false }.ToString());
        _connection.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;");
        Run(Schema);
        _at = Command($"SELECT {Columns} FROM files WHERE path = $path AND gone = 0", "$path");
        _of = Command($"SELECT {Columns} FROM files WHERE inode = $inode AND device = $device AND gone = 0", "$inode", "$device");
        _put = Command(
            $"INSERT OR REPLACE INTO files ({Columns}, batch, gone, event) VALUES ($path, $device, $inode, $size, $modified, $changed, $teller, $batch, 0, $event)",
            "$path", "$device", "$inode", "$size", "$modified", "$changed", "$teller", "$batch", "$event");
        _refresh = Command(
            "UPDATE files SET device = $device, inode = $inode, size = $size, modified = $modified, changed = $changed WHERE path = $path AND gone = 0",
            "$path", "$device", "$inode", "$size", "$modified", "$changed");
        _remove = Command("UPDATE files SET gone = 1, batch = $batch, teller = $teller WHERE path = $path", "$path", "$batch", "$teller");
    }

    /// <summary>The batch that what comes next belongs to.</summary>
    public long Batch { get; set; }

    /// <summary>Something belongs to <see cref="Batch"/>: it must be stored, or it is undone at the next start.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Undoes what a teller's batches after one have done: they were not stored.</summary>
    public void Undo(string teller, long after)
    {
        lock (_gate)
        {
            Run("DELETE FROM files WHERE teller = $teller AND batch > $batch AND gone = 0", ("$teller", teller), ("$batch", after));
            Run("UPDATE files SET gone = 0, batch = $batch WHERE teller = $teller AND batch > $batch", ("$teller", teller), ("$batch", after));
            Run("DELETE FROM files WHERE teller = $teller AND gone = 1", ("$teller", teller));
        }
    }

    /// <inheritdoc/>
    public KnownFile? At(string path)
    {
        lock (_gate)
        {
            Set(_at, path);
            using var reader = _at.ExecuteReader();
            return reader.Read() ? Read(reader) : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<KnownFile> Of(FileVersion version)
    {
        lock (_gate)
        {
            Set(_of, (long)version.Inode, (long)version.Device);
            using var reader = _of.ExecuteReader();
            var found = new List<KnownFile>();
            while (reader.Read())
                found.Add(Read(reader));
            return found;
        }
    }

    /// <inheritdoc/>
    public void Put(KnownFile file)
    {
        IsChanged = true;
        Put(file, Batch, null);
    }

    /// <inheritdoc/>
    public void Refresh(string path, FileVersion version)
    {
        lock (_gate)
        {
            Begin();
            Set(_refresh, path, (long)version.Device, (long)version.Inode, version.Size, version.ModifiedAt, version.ChangedAt);
            _refresh.ExecuteNonQuery();
        }
    }

    /// <summary>Puts a file in that another source tells.</summary>
    /// <param name="file">The file.</param>
    /// <param name="batch">That source's batch.</param>
    /// <param name="e">Its event, where it is needed again.</param>
    public void Put(KnownFile file, long batch, byte[]? e)
    {
        var v = file.Version;
        lock (_gate)
        {
            Begin();
            Set(_put, file.Path, (long)v.Device, (long)v.Inode, v.Size, v.ModifiedAt, v.ChangedAt, file.Teller, batch, (object?)e ?? DBNull.Value);
            _put.ExecuteNonQuery();
        }
    }

    /// <inheritdoc/>
    public void Remove(string path)
    {
        lock (_gate)
        {
            Begin();
            Set(_remove, path, Batch, "");
            _remove.ExecuteNonQuery();
            (_hasGone, IsChanged) = (true, true);
        }
    }

    /// <summary>Takes out what was told of a path, by another source's batch.</summary>
    public void Remove(string path, long batch, string teller)
    {
        lock (_gate)
        {
            Begin();
            Set(_remove, path, batch, teller);
            _remove.ExecuteNonQuery();
        }
    }

    /// <summary>The event that was kept with a file, null when there is none.</summary>
    public byte[]? EventOf(string path)
    {
        lock (_gate)
        {
            using var command = Command("SELECT event FROM files WHERE path = $path", "$path");
            Set(command, path);
            return command.ExecuteScalar() as byte[];
        }
    }

    /// <summary>Paths after one, in their order: those of a folder when it is given.</summary>
    public IReadOnlyList<string> Paths(string after, int most, string? folder = null)
    {
        lock (_gate)
        {
            using var command = Command("SELECT path FROM files WHERE path > $after AND path < $end AND gone = 0 ORDER BY path LIMIT $most", "$after", "$end", "$most");
            var first = folder is null ? after : string.CompareOrdinal(after, folder + "/") > 0 ? after : folder + "/";
            // '0' is the character behind '/'; no character is behind U+10FFFF.
            Set(command, first, folder is null ? "\U0010FFFF" : folder + "0", (long)most);
            using var reader = command.ExecuteReader();
            var found = new List<string>();
            while (reader.Read())
                found.Add(reader.GetString(0));
            return found;
        }
    }

    /// <summary>A folder has another name: all that was told of it has.</summary>
    public void MoveFolder(string from, string to)
    {
        lock (_gate)
        {
            Begin();
            Run(
                $"INSERT OR REPLACE INTO files ({Columns}, batch, gone, event) SELECT $to || substr(path, length($from) + 1), device, inode, size, modified, changed, teller, $batch, 0, event FROM files WHERE path > $first AND path < $end AND gone = 0",
                ("$to", to), ("$from", from), ("$batch", Batch), ("$first", from + "/"), ("$end", from + "0"));
            Run("UPDATE files SET gone = 1, batch = $batch, teller = '' WHERE path > $first AND path < $end", ("$batch", Batch), ("$first", from + "/"), ("$end", from + "0"));
            (_hasGone, IsChanged) = (true, true);
        }
    }

    /// <summary>Makes all that was put in and taken out durable.</summary>
    public void Commit()
    {
        lock (_gate)
        {
            _transaction?.Commit();
            _transaction?.Dispose();
            _transaction = null;
        }
    }

    /// <summary>A batch is stored: what was taken out by it is not needed any more.</summary>
    public void Stored(long batch)
    {
        IsChanged = false;
        if (!_hasGone)
            return;
        lock (_gate)
        {
            Begin();
            Run("DELETE FROM files WHERE gone = 1 AND batch <= $batch AND teller = ''", ("$batch", batch));
            _hasGone = false;
        }
    }

    public void Dispose()
    {
        _transaction?.Dispose();
        _at.Dispose();
        _of.Dispose();
        _put.Dispose();
        _refresh.Dispose();
        _remove.Dispose();
        _connection.Dispose();
    }

    private void Begin() => _transaction ??= _connection.BeginTransaction();

    private static KnownFile Read(SqliteDataReader r) => new(
        r.GetString(0), new FileVersion((ulong)r.GetInt64(1), (ulong)r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5)), r.GetString(6));

    private SqliteCommand Command(string text, params string[] parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // The texts are the constants of this file.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }

    private void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

    private void Run(string text, params (string Name, object Value)[] values)
    {
        using var command = Command(text, [.. values.Select(v => v.Name)]);
        Set(command, [.. values.Select(v => v.Value)]);
        command.ExecuteNonQuery();
    }
}
