using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.SQLite;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.History.Tables;

/// <summary>All that is SQLite's own: connections, pragmas, the layout of the file and its patterns.</summary>
internal sealed class SqliteHistory(string file) : IHistoryStore
{
    private readonly DataOptions _write = Options(file, SqliteOpenMode.ReadWriteCreate);

    public string Name => file;

    // Without a second tree of hidden numbers.
    public string ByKey => "WITHOUT ROWID";

    public DataOptions Read { get; } = Options(file, SqliteOpenMode.ReadOnly);

    public DataConnection OpenWriter()
    {
        var connection = new DataConnection(_write);
        try
        {
            // Readers see what was committed and hold up nobody. NORMAL, not FULL: after a power failure the last transactions may be missing, with the
            // positions of their handlers, and the file is whole; what is missing is written again from the journal, which is the durable one.
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // The file has one writer, and its transaction is one.
    public void LockSchema(DataConnection connection)
    {
    }

    public IEnumerable<string> FaultsOfPages(DataConnection connection) => connection.Query<string>("PRAGMA integrity_check(20)").Where(said => said != "ok");

    public void Finish<T>(DataConnection connection)
        where T : class
    {
    }

    public IUpsert<T> Upsert<T>(DataConnection connection, string? newest = null)
        where T : class, ISummedRow => new SqliteUpsert<T>(connection, newest);

    public bool HasTable(DataConnection connection, string table) =>
        connection.Execute<long>("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = @table", new DataParameter("table", table)) > 0;

    public void ClosePools()
    {
        foreach (var options in new[] { _write, Read })
        {
            using var connection = new SqliteConnection(options.ConnectionOptions.ConnectionString);
            SqliteConnection.ClearPool(connection);
        }
    }

    // A locked file is tried for some seconds; then the caller hears of it.
    private static DataOptions Options(string file, SqliteOpenMode mode) => new DataOptions().UseSQLite(
        new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, DefaultTimeout = 5 }.ConnectionString, SQLiteProvider.Microsoft);
}
