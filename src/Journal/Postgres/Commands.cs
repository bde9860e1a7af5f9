using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>Statements with their values, $1 first. Null is SQL's NULL.</summary>
internal static class Commands
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        Bind(command.Parameters, values);
        return command;
    }

    public static NpgsqlBatch Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Bind(command.Parameters, values);
        batch.BatchCommands.Add(command);
        return batch;
    }

    /// <summary>Runs a statement; the number of rows it changed.</summary>
    public static async Task<int> RunAsync(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    /// <summary>The first column of the first row; the type's default when there is none or it is NULL.</summary>
    public static async Task<T?> ReadOneAsync<T>(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync().ConfigureAwait(false) is T value ? value : default;
    }

    /// <summary>All rows.</summary>
    public static async Task<List<T>> ReadAsync<T>(
        this NpgsqlConnection connection, Func<NpgsqlDataReader, T> row, string sql, params object?[] values)
    {
        var rows = new List<T>();
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
            rows.Add(row(reader));
        return rows;
    }

    public static string? TextOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset Time(this NpgsqlDataReader row, int column) => row.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    private static void Bind(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter
            {
                // timestamptz is a moment and takes no other offset.
                Value = value switch { null => DBNull.Value, DateTimeOffset time => time.ToUniversalTime(), _ => value },
            });
        }
    }
}
