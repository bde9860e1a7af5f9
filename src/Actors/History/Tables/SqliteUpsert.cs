using System.Linq.Expressions;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// The statement that writes a row of one table of SQLite, prepared once for a connection: its values come from the mapping. linq2db's own would be translated and prepared anew
/// for every row.
/// </summary>
internal sealed class SqliteUpsert<T> : IUpsert<T>
    where T : class, ISummedRow
{
    private readonly SqliteStatement _statement;
    private readonly Action<SqliteStatement, T> _bind;

    /// <summary>Prepares it; see <see cref="IHistoryStore.Upsert"/>.</summary>
    public SqliteUpsert(DataConnection connection, string? newest)
    {
        var table = connection.MappingSchema.GetEntityDescriptor(typeof(T));
        _bind = Binder(table);
        var values = $"VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"?{i + 1}"))})";
        _statement = new SqliteStatement((SqliteConnection)connection.OpenDbConnection(), UpsertText.Of(table, values, newest, T.Fixed));
    }

    public void Run(T row)
    {
        _bind(_statement, row);
        _statement.Run();
    }

    // Each row is written at once.
    public void Flush()
    {
    }

    public void Dispose() => _statement.Dispose();

    /// <summary>Calls the <c>Bind</c> that fits each column's type.</summary>
    private static Action<SqliteStatement, T> Binder(EntityDescriptor table)
    {
        var (statement, row) = (Expression.Parameter(typeof(SqliteStatement)), Expression.Parameter(typeof(T)));
        var calls = table.Columns.Select((column, i) => Expression.Call(
            statement, nameof(SqliteStatement.Bind), null, Expression.Constant(i + 1), RowSum<T>.Value(column, row)));
        return Expression.Lambda<Action<SqliteStatement, T>>(Expression.Block(calls), statement, row).Compile();
    }
}
