using LinqToDB;
using LinqToDB.Data;
using LinqToDB.DataProvider.PostgreSQL;
using Npgsql;

namespace FtpActors.Actors.History.Tables;

/// <summary>All that is PostgreSQL's own. Many nodes share the tables, each with the rows of its handlers.</summary>
internal sealed class PostgresHistory : IHistoryStore
{
    // Of our own: nodes that start together make the tables one after the other.
    private const long SchemaLock = 0x467470_48697374;

    public PostgresHistory(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection) { ApplicationName = "ftpactors history" };
        Name = $"the history in the database {settings.Database}";
        Read = new DataOptions().UsePostgreSQL(settings.ToString(), PostgreSQLVersion.v15);
    }

    public string Name { get; }

    public DataOptions Read { get; }

    public string? ByKey => null;

    public DataConnection OpenWriter() => new(Read);

    public void LockSchema(DataConnection connection) => connection.Execute("SELECT pg_advisory_xact_lock(@key)", new DataParameter("key", SchemaLock));

    public bool HasTable(DataConnection connection, string table) =>
        connection.Execute<bool>("SELECT to_regclass(@table) IS NOT NULL", new DataParameter("table", table, DataType.Text));

    public IEnumerable<string> FaultsOfPages(DataConnection connection) => [];

    // Texts are compared byte by byte, as SQLite does: the order of a list must not depend on the language of the server.
    public void Finish<T>(DataConnection connection)
        where T : class
    {
        var table = connection.MappingSchema.GetEntityDescriptor(typeof(T));
        var texts = table.Columns.Where(c => c.MemberType == typeof(string)).Select(c => $"ALTER COLUMN \"{c.ColumnName}\" TYPE text COLLATE \"C\"").ToList();
        if (texts.Count > 0)
            connection.Execute($"ALTER TABLE \"{table.Name.Name}\" {string.Join(", ", texts)}");
    }

    public IUpsert<T> Upsert<T>(DataConnection connection, string? newest = null)
        where T : class, ISummedRow => new PostgresUpsert<T>(connection, newest);

    public void ClosePools()
    {
        using var connection = new NpgsqlConnection(Read.ConnectionOptions.ConnectionString);
        NpgsqlConnection.ClearPool(connection);
    }
}
