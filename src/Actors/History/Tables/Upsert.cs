using System.Linq.Expressions;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// The statement that writes rows of one table, prepared once for a connection: its text and its values come from the mapping. linq2db's own would be
/// translated and prepared anew for every row.
/// </summary>
internal sealed class Upsert<T> : IDisposable
    where T : class
{
    private readonly SqliteStatement _statement;
    private readonly Action<SqliteStatement, T> _bind;

    /// <summary>Prepares it.</summary>
    /// <param name="connection">The writer's connection.</param>
    /// <param name="newest">The number of the handler's row that a row came from: the higher one stays. Null: what is there stays.</param>
    /// <param name="fixedColumns">What never changes: an index on it is not touched by an update.</param>
    public Upsert(DataConnection connection, string? newest = null, params IReadOnlyList<string> fixedColumns)
    {
        var table = connection.MappingSchema.GetEntityDescriptor(typeof(T));
        _bind = Binder(table);
        _statement = new SqliteStatement((SqliteConnection)connection.OpenDbConnection(), Text(table, newest, fixedColumns));
    }

    /// <summary>Writes a row.</summary>
    public void Run(T row)
    {
        _bind(_statement, row);
        _statement.Run();
    }

    public void Dispose() => _statement.Dispose();

    /// <summary>Calls the <c>Bind</c> that fits each column's type.</summary>
    private static Action<SqliteStatement, T> Binder(EntityDescriptor table)
    {
        var (statement, row) = (Expression.Parameter(typeof(SqliteStatement)), Expression.Parameter(typeof(T)));
        var calls = table.Columns.Select((column, i) => Expression.Call(
            statement, nameof(SqliteStatement.Bind), null, Expression.Constant(i + 1), Expression.Property(row, column.MemberName)));
        return Expression.Lambda<Action<SqliteStatement, T>>(Expression.Block(calls), statement, row).Compile();
    }

    private static string Text(EntityDescriptor table, string? newest, IReadOnlyList<string> fixedColumns)
    {
        var name = Quoted(table.Name.Name);
        var columns = table.Columns.Select(c => Quoted(c.ColumnName));
        var values = table.Columns.Select((_, i) => $"?{i + 1}");
        var key = table.Columns.Where(c => c.IsPrimaryKey).Select(c => Quoted(c.ColumnName));
        var change = "NOTHING";
        if (newest is not null)
        {
            var changes = table.Columns.Where(c => !c.IsPrimaryKey && !fixedColumns.Contains(c.ColumnName)).Select(c => $"{Quoted(c.ColumnName)} = excluded.{Quoted(c.ColumnName)}");
            change = $"UPDATE SET {string.Join(", ", changes)} WHERE excluded.{Quoted(newest)} >= {name}.{Quoted(newest)}";
        }
        return $"INSERT INTO {name} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", values)}) ON CONFLICT ({string.Join(", ", key)}) DO {change}";
    }

    private static string Quoted(string name) => $"\"{name}\"";
}
