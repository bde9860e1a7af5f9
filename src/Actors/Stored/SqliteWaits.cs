using System.Data.Common;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FtpActors.Actors.Stored;

/// <summary>
/// How connections to one journal in SQLite wait for each other: as SQLite itself does, a millisecond first. Microsoft.Data.Sqlite alone tries again every 150 ms, so that each deletion
/// or snapshot that met a write would hold up all events for so long.
/// </summary>
public static class SqliteWaits
{
    // As the command's timeout in the connection string.
    private const int MostMilliseconds = 30_000;

    /// <summary>For an actor system whose plugins of these names (<see cref="SqlPlugin.Sqlite"/>) have journals in these files.</summary>
    public static MultiDataOptionsSetup Setup(params IEnumerable<(string Name, string File)> journals)
    {
        ArgumentNullException.ThrowIfNull(journals);
        var setup = new MultiDataOptionsSetup();
        foreach (var (name, file) in journals)
        {
            var options = new DataOptions().UseConnectionString(ProviderName.SQLiteMS, SqlPlugin.ConnectionTo(file)).UseInterceptor(new Waiting());
            foreach (var plugin in SqlPlugin.Ids(name))
                setup.AddDataOptions(plugin, options);
        }
        return setup;
    }

    private sealed class Waiting : ConnectionInterceptor
    {
        public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) =>
            raw.sqlite3_busy_timeout(((SqliteConnection)connection).Handle, MostMilliseconds);

        public override Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
        {
            ConnectionOpened(eventData, connection);
            return Task.CompletedTask;
        }
    }
}
