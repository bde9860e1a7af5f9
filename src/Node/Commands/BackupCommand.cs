using System.CommandLine;
using System.Formats.Tar;
using FtpActors.Actors.Handlers;
using FtpActors.Node.Text;
using Microsoft.Data.Sqlite;

namespace FtpActors.Node.Commands;

/// <summary><c>backup</c>: a copy of a node's data from which it goes on.</summary>
internal static class BackupCommand
{
    // What a file lacks is made good from the next one when the node is started on the copy: the history from the journal, and the journal from the spool, which ships again what
    // came since its own snapshot. So all are looked at in this order, within a moment, and copied as they were then.
    private static readonly string[] InOrder = ["history.db", "journal.db", "spool.db", "quarantine.db"];

    public static Command Make()
    {
        var to = new Option<FileInfo>("--to") { Description = "The file to make, a tar archive.", Required = true, HelpName = "FILE" };
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file of the node. Default: hocon/single.conf of the project.", HelpName = "FILE" };
        var data = new Option<DirectoryInfo?>("--data") { Description = "The data folder, instead of the configuration's.", HelpName = "DIR" };
        var command = new TaughtCommand("backup",
            """
            Copies journal, spool, history and quarantine of a node into one file, also while it runs. The copy is consistent: a node that is started on it goes on from
            the moment of the backup. What its sources have given away since then is not in it.

            Examples:
              ftpactors backup --to /backup/ftp1.tar --config /etc/ftpactors/node.conf
              tar -xf /backup/ftp1.tar -C /var/lib/ftpactors        the way back, into an empty data folder
            """) { to, config, data };
        command.SetAction(async (parsed, cancel) =>
        {
            var file = parsed.GetValue(to)!.FullName;
            if (File.Exists(file))
                throw new CommandException(ExitCodes.Usage, $"--to {file}: is there already; name a file that is not.");
            await RunAsync(DataFolder.Of(parsed.GetValue(data), parsed.GetValue(config)), file, cancel);
            using var output = new Output();
            output.Line(Visible.Of($"{file}: {Units.Bytes(new FileInfo(file).Length)}"));
            output.Flush();
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(string folder, string file, CancellationToken cancel)
    {
        var place = Directory.CreateDirectory(file + ".part");
        try
        {
            var began = DateTime.UtcNow;
            Copy(folder, place.FullName, cancel);
            DropLaterSnapshots(Path.Combine(place.FullName, "journal.db"), Path.Combine(place.FullName, "history.db"));
            DropLaterSnapshots(Path.Combine(place.FullName, "spool.db"), began);
            var whole = file + ".part.tar";
            await TarFile.CreateFromDirectoryAsync(place.FullName, whole, includeBaseDirectory: false, cancel);
            File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(whole, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new CommandException(ExitCodes.Failed, $"the backup {file} was not made: {e.Message}", e);
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    private static void Copy(string folder, string place, CancellationToken cancel)
    {
        var sources = new List<(string Name, SqliteConnection Source)>();
        try
        {
            foreach (var name in InOrder.Where(name => File.Exists(Path.Combine(folder, name))))
            {
                var source = Open(Path.Combine(folder, name), SqliteOpenMode.ReadOnly);
                sources.Add((name, source));
                // A transaction that has read sees the file as it is now until it ends, and so does the copy.
                Run(source, "BEGIN");
                Run(source, "SELECT count(*) FROM sqlite_master");
            }
            foreach (var (name, source) in sources)
            {
                cancel.ThrowIfCancellationRequested();
                Console.Error.WriteLine($"copying {name} ...");
                using var target = Open(Path.Combine(place, name), SqliteOpenMode.ReadWriteCreate);
                source.BackupDatabase(target);
            }
        }
        finally
        {
            foreach (var (_, source) in sources)
                source.Dispose();
        }
    }

    // One that the spool took after the journal was looked at says of events that they were shipped which that does not have. The one before it is there.
    private static void DropLaterSnapshots(string spool, DateTime began)
    {
        if (!File.Exists(spool))
            return;
        using var connection = Open(spool, SqliteOpenMode.ReadWrite);
        using var drop = connection.CreateCommand();
        drop.CommandText = "DELETE FROM snapshot WHERE created >= $began";
        drop.Parameters.AddWithValue("$began", began.Ticks);
        drop.ExecuteNonQuery();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // One of the two texts above.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteScalar();
    }

    // A handler that begins at a snapshot tells the history only of later rows. The history was copied first, so a snapshot that is later than it would leave a hole; the one
    // before it, and all rows since, are always there.
    private static void DropLaterSnapshots(string journal, string history)
    {
        using var rows = Open(history, SqliteOpenMode.ReadWrite);
        using var positions = rows.CreateCommand();
        positions.CommandText = "SELECT handler, row FROM handler_position";
        using var reader = positions.ExecuteReader();
        using var connection = Open(journal, SqliteOpenMode.ReadWrite);
        while (reader.Read())
        {
            using var drop = connection.CreateCommand();
            drop.CommandText = "DELETE FROM snapshot WHERE persistence_id = $id AND sequence_number > $row";
            drop.Parameters.AddWithValue("$id", HandlerContext.PersistenceIdOf(reader.GetInt32(0)));
            drop.Parameters.AddWithValue("$row", reader.GetInt64(1));
            if (drop.ExecuteNonQuery() > 0)
                RequireBeginning(connection, reader.GetInt32(0));
        }
    }

    private static void RequireBeginning(SqliteConnection journal, int handler)
    {
        using var first = journal.CreateCommand();
        first.CommandText = "SELECT (SELECT count(*) FROM snapshot WHERE persistence_id = $id) = 0 AND (SELECT min(sequence_number) FROM journal WHERE persistence_id = $id) > 1";
        first.Parameters.AddWithValue("$id", HandlerContext.PersistenceIdOf(handler));
        if (first.ExecuteScalar() is 1L)
            throw new IOException("the node has written too much while it was copied. Run it again, at a quieter time.");
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, DefaultTimeout = 60, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
