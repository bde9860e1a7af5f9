using System.Globalization;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests;

/// <summary>The child of tests that kill or freeze it. It says after every answer how far it has come.</summary>
internal static class Program
{
    private static Task Main(string[] args) => args[0] == "own" ? OwnAsync(args[1]) : AppendAsync(args[0]);

    /// <summary>Appends to a SQLite journal until it dies.</summary>
    private static async Task AppendAsync(string folder)
    {
        await using var journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = folder, Host = "ftp1", Shards = 4 });
        for (var i = 0; ; i += 50)
        {
            var first = await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(i, 50)));
            Console.Out.WriteLine((first + 49).ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Owns shard 1 of a PostgreSQL journal and commits steps without a pause until it has lost it.</summary>
    private static async Task OwnAsync(string connection)
    {
        await using var journal = await PostgresJournal.OpenAsync(
            Postgres.OwnServer.Options(connection));
        var lease = await journal.TakeShardAsync(1, "child");
        Console.Out.WriteLine("taken");
        try
        {
            while (true)
                await journal.CommitAsync(new ShardStep(1, lease.Epoch, [], [], 1, 0));
        }
        catch (ShardLostException)
        {
            Console.Out.WriteLine("lost");
        }
    }
}
