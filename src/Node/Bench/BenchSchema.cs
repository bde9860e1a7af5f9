using Npgsql;

namespace FtpActors.Node.Bench;

/// <summary>A schema of its own in the database for one run, dropped afterwards: nothing that is there is touched.</summary>
internal sealed class BenchSchema : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private BenchSchema(string server, string name) => (_server, _name) = (server, name);

    /// <summary>The connection to it.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(_server) { SearchPath = _name }.ToString();

    public static async Task<BenchSchema> MakeAsync(string server, int run)
    {
        var schema = new BenchSchema(server, $"ftpactors_bench_{Environment.ProcessId}_{run}");
        await schema.ExecuteAsync($"CREATE SCHEMA {schema._name}");
        return schema;
    }

    public async ValueTask DisposeAsync() => await ExecuteAsync($"DROP SCHEMA {_name} CASCADE");

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
#pragma warning disable CA2100 // A name of our own.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
