using System.Linq.Expressions;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Npgsql;

namespace FtpActors.Actors.History.Tables;

/// <summary>The statement that writes many rows of one table of PostgreSQL at once: an array for each column, from the mapping, prepared once for a connection.</summary>
internal sealed class PostgresUpsert<T> : IUpsert<T>
    where T : class, ISummedRow
{
    private const int MostRows = 4096;

    private readonly List<T> _rows = [];
    private readonly Func<T, string> _key;
    private readonly Func<T, long>? _newest;
    private readonly Func<IReadOnlyList<T>, Array>[] _columns;
    private readonly NpgsqlCommand _command;

    /// <summary>Prepares it; see <see cref="IHistoryStore.Upsert"/>.</summary>
    public PostgresUpsert(DataConnection connection, string? newest)
    {
        var table = connection.MappingSchema.GetEntityDescriptor(typeof(T));
        _columns = [.. table.Columns.Select(c => ArrayOf(c))];
        _key = KeyOf(table);
        if (newest is not null)
            _newest = Getter<long>(table.Columns.First(c => c.ColumnName == newest));
        var arrays = string.Join(", ", table.Columns.Select((c, i) => $"${i + 1}::{TypeOf(c)}[]"));
        _command = new NpgsqlCommand(UpsertText.Of(table, $"SELECT * FROM unnest({arrays})", newest, T.Fixed), (NpgsqlConnection)connection.OpenDbConnection());
        foreach (var _ in table.Columns)
            _command.Parameters.Add(new NpgsqlParameter());
    }

    public void Run(T row)
    {
        _rows.Add(row);
        if (_rows.Count >= MostRows)
            Flush();
    }

    public void Flush()
    {
        if (_rows.Count == 0)
            return;
        var rows = InOrder();
        for (var i = 0; i < _columns.Length; i++)
            _command.Parameters[i].Value = _columns[i](rows);
        if (!_command.IsPrepared)
            _command.Prepare();
        _command.ExecuteNonQuery();
        _rows.Clear();
    }

    public void Dispose() => _command.Dispose();

    // In the order of the keys two nodes that write the same rows wait for each other, instead of both for ever; and one statement may change a row only once.
    private List<T> InOrder() => _newest is not { } number
        ? [.. _rows.OrderBy(_key, StringComparer.Ordinal)]
        : [.. _rows.GroupBy(_key, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Aggregate((a, b) => number(b) >= number(a) ? b : a))];

    private static Func<T, string> KeyOf(EntityDescriptor table)
    {
        var parts = table.Columns.Where(c => c.IsPrimaryKey).Select(Getter<object>).ToList();
        return row => string.Join('\0', parts.Select(part => part(row)));
    }

    private static Func<IReadOnlyList<T>, Array> ArrayOf(ColumnDescriptor column)
    {
        var make = ((Func<ColumnDescriptor, Func<IReadOnlyList<T>, Array>>)ArrayOf<object>).Method.GetGenericMethodDefinition().MakeGenericMethod(column.MemberType);
        return (Func<IReadOnlyList<T>, Array>)make.Invoke(null, [column])!;
    }

    private static Func<IReadOnlyList<T>, Array> ArrayOf<TValue>(ColumnDescriptor column)
    {
        var value = Getter<TValue>(column);
        return rows =>
        {
            var values = new TValue[rows.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = value(rows[i]);
            if (values is string?[] texts)
                WriteStored(texts);
            return values;
        };
    }

    private static void WriteStored(string?[] texts)
    {
        for (var i = 0; i < texts.Length; i++)
            texts[i] = texts[i] is { } text ? StoredText.Of(text) : null;
    }

    private static Func<T, TValue> Getter<TValue>(ColumnDescriptor column)
    {
        var row = Expression.Parameter(typeof(T));
        return Expression.Lambda<Func<T, TValue>>(Expression.Convert(RowSum<T>.Value(column, row), typeof(TValue)), row).Compile();
    }

    private static string TypeOf(ColumnDescriptor column) => (Nullable.GetUnderlyingType(column.MemberType) ?? column.MemberType) switch
    {
        var t when t == typeof(string) => "text",
        var t when t == typeof(long) => "bigint",
        var t when t == typeof(int) => "integer",
        var t when t == typeof(double) => "double precision",
        var t => throw new NotSupportedException($"{t} is no type of the history's columns."),
    };
}
