using FtpActors.Actors.Stored;
using LinqToDB.Data;

namespace FtpActors.Actors.Tests;

public sealed class SqliteWaitsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-waits-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("akka.persistence.journal.spool")]
    [InlineData("akka.persistence.snapshot-store.spool")]
    [InlineData("akka.persistence.query.journal.spool")]
    public async Task Every_plugin_of_a_journal_waits_for_the_others_as_SQLite_does(string plugin)
    {
        var setup = SqliteWaits.Setup(("spool", Path.Combine(_folder, "spool.db")));
        Assert.True(setup.TryGetDataOptionsFor(plugin, out var options));
        await using var connection = new DataConnection(options!);
        Assert.Equal(30_000, await connection.ExecuteAsync<long>("PRAGMA busy_timeout"));
        connection.Close();
        Assert.Equal(30_000, connection.Execute<long>("PRAGMA busy_timeout"));
    }
}
