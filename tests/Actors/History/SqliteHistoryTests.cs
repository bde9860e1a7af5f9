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
    [InlineData("session", "bytes_up = bytes_up + 1")]
    [InlineData("session", "row = row + 256")]
    [InlineData("file_operation", "bytes = NULL")]
    [InlineData("delivery", "state = 'dead'")]
    [InlineData("delivery_try", "first_output = first_output || 'x'")]
    [InlineData("row_index", "count = 1")]
    [InlineData("handler_position", "row = 5")]
    public async Task a_changed_digit_is_found_by_the_check_and_by_the_read_and_is_in_no_answer(string table, string change)
    {
        await Database.WriteAsync([new HistoryItem(0, 4)
        {
            Sessions = [Session("s-1")], Operations = [Operation(1, "/a")], Deliveries = [Delivery(1)], Tries = [(1, Try(1))], Index = [new RowIndex(0, 4, Spool, 1, 9, 4, Start, Start)],
        }]);
        await Database.CheckAsync();
        Assert.Equal((true, null), (Database.Damage.IsChecked, Database.Damage.Sentence));
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(Folder, "history.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts above.
            command.CommandText = $"UPDATE {table} SET {change}";
#pragma warning restore CA2100
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        var answers = (await SessionsAsync()).Count + (await OperationsAsync()).Count + (await DeliveriesAsync()).Count + (await Database.ReadTriesAsync(1)).Count
            + await Database.ReadIndexAsync(new IndexQuery()).CountAsync() + (await Database.ReadPositionAsync(0) == 0 ? 0 : 1);

        Assert.Equal(5, answers);
        Assert.Equal(1, Database.Damage.Count);
        Assert.StartsWith(table, Assert.Single(HistoryDatabase.CheckFile(Folder).Damage.Places).Key, StringComparison.Ordinal);
        Assert.Contains("made anew from the journal", Database.Damage.Sentence, StringComparison.Ordinal);
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
