using FtpActors.Actors.History;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Tests.History;

public sealed class SqliteHistoryQueryTests : HistoryQueryTests;

public sealed class SqliteHistoryRetentionTests : HistoryRetentionTests;

public sealed class SqliteHistoryWriteTests : HistoryWriteTests
{
    [Fact]
    public async Task what_was_committed_is_there_in_a_copy_taken_as_if_the_process_had_been_killed()
    {
        await Database.WriteAsync([Item(4, Session("s-1"))]);
        var copy = Directory.CreateDirectory(Path.Combine(Folder, "copy")).FullName;
        foreach (var file in Directory.GetFiles(Folder, "history.db*").Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));

        await using var reopened = await HistoryDatabase.OpenAsync(copy);

        Assert.Equal(4, await reopened.ReadPositionAsync(0));
        Assert.Single(await reopened.QuerySessionsAsync(new SessionQuery()).ToListAsync());
    }

    [Theory]
    [InlineData(0, "older")]
    [InlineData(99, "newer")]
    public async Task a_file_of_another_version_is_refused_with_its_name_and_the_way_out(int version, string word)
    {
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "history.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE schema_version SET version = @version";
            command.Parameters.AddWithValue("@version", version);
            command.ExecuteNonQuery();
        }

        var refused = await Assert.ThrowsAsync<HistoryVersionException>(() => HistoryDatabase.OpenAsync(Folder));

        Assert.Contains(Path.Combine(Folder, "history.db"), refused.Message, StringComparison.Ordinal);
        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.Contains("made anew from the journal", refused.Message, StringComparison.Ordinal);
    }
}
