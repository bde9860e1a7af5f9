using System.Globalization;
using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests;

/// <summary>The child of the test that kills it: appends until it dies, and says after every answer how far it has come.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        await using var journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = args[0], Host = "ftp1", Shards = 4 });
        for (var i = 0; ; i += 50)
        {
            var first = await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(i, 50)));
            Console.Out.WriteLine((first + 49).ToString(CultureInfo.InvariantCulture));
        }
    }
}
