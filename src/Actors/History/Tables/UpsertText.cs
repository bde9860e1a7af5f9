using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>The statement that writes rows of a table: of the mapping, and the same for both databases but for where the rows come from.</summary>
internal static class UpsertText
{
    /// <summary>The statement.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">Where the rows come from: <c>VALUES (...)</c>, <c>SELECT ...</c>.</param>
    /// <param name="newest">See <see cref="IHistoryStore.Upsert"/>.</param>
    /// <param name="fixedColumns">See <see cref="ISummedRow.Fixed"/>; an index on them is not touched by an update.</param>
    public static string Of(EntityDescriptor table, string rows, string? newest, IReadOnlyList<string> fixedColumns)
    {
        var name = Quoted(table.Name.Name);
        var columns = table.Columns.Select(c => Quoted(c.ColumnName));
        var key = table.Columns.Where(c => c.IsPrimaryKey).Select(c => Quoted(c.ColumnName));
        var change = "NOTHING";
        if (newest is not null)
        {
            var changes = table.Columns.Where(c => !c.IsPrimaryKey && !fixedColumns.Contains(c.ColumnName) && c.MemberName != nameof(ISummedRow.FixedSum)).Select(c => $"{Quoted(c.ColumnName)} = excluded.{Quoted(c.ColumnName)}");
            change = $"UPDATE SET {string.Join(", ", changes)} WHERE excluded.{Quoted(newest)} >= {name}.{Quoted(newest)}";
        }
        return $"INSERT INTO {name} ({string.Join(", ", columns)}) {rows} ON CONFLICT ({string.Join(", ", key)}) DO {change}";
    }

    private static string Quoted(string name) => $"\"{name}\"";
}
