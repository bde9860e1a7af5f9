using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests.Sqlite;

/// <summary>A folder that goes with its test.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("journal-test-").FullName;

    public string File => System.IO.Path.Combine(Path, "journal.db");

    public Task<SqliteJournal> OpenAsync(int shards = 4) =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = Path, Host = "ftp1", Shards = shards });

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
