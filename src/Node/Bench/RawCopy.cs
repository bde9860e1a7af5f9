using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using FtpActors.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace FtpActors.Node.Bench;

/// <summary>PostgreSQL's own limit: binary COPY of the same rows into the journal's own table, one batch a transaction, and nothing else.</summary>
internal static class RawCopy
{
    private const int Batch = 1000;
    private const string Copy = "COPY event (shard, spool, seq, received_at, kind, payload) FROM STDIN (FORMAT BINARY)";

    /// <summary>Rows per second.</summary>
    public static async Task<double> RunAsync(string connection, IReadOnlyList<FtpEvent> events, int shards, CancellationToken cancel)
    {
        var rows = events.Select((e, i) => (Shard: SessionKey.Of(e).Shard(shards), Seq: (long)i + 1, Event: e, Payload: Payload(e))).ToList();
        await using var server = new NpgsqlConnection(connection);
        await server.OpenAsync(cancel);
        foreach (var day in events.Select(e => DateOnly.FromDateTime(e.ReceivedAt.UtcDateTime)).Distinct())
        {
            await using var make = new NpgsqlCommand("SELECT make_event_day($1)", server) { Parameters = { new() { Value = day } } };
            await make.ExecuteNonQueryAsync(cancel);
        }
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in rows.Chunk(Batch))
        {
            await using var copy = await server.BeginBinaryImportAsync(Copy, cancel);
            foreach (var (shard, seq, e, payload) in batch)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(shard, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(1, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(seq, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(e.ReceivedAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
                await copy.WriteAsync(Names.Of(e.Kind), NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(payload, NpgsqlDbType.Json, cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        return events.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static byte[] Payload(FtpEvent e)
    {
        var output = new ArrayBufferWriter<byte>(400);
        using (var json = EventJson.NewWriter(output))
            EventJson.WritePayload(json, e);
        return output.WrittenSpan.ToArray();
    }
}

/// <summary>A schema of its own in the database for each run, dropped afterwards: nothing that is there is touched.</summary>
internal sealed class BenchSchema : IAsyncDisposable
{
    private readonly string _server;
    private readonly string _name;

    private BenchSchema(string server, string name) => (_server, _name) = (server, name);

    /// <summary>The connection whose tables are those of this run.</summary>
    public string Connection => new NpgsqlConnectionStringBuilder(_server) { SearchPath = _name }.ConnectionString;

    public static async Task<BenchSchema> MakeAsync(string server, int run)
    {
        var schema = new BenchSchema(server, string.Create(CultureInfo.InvariantCulture, $"ftpactors_bench_{Environment.ProcessId}_{run}"));
        await schema.RunAsync("CREATE SCHEMA");
        return schema;
    }

    public async ValueTask DisposeAsync() => await RunAsync("DROP SCHEMA", " CASCADE");

    // The name is made here, of letters and digits.
    private async Task RunAsync(string before, string after = "")
    {
        await using var server = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_server) { Pooling = false }.ConnectionString);
        await server.OpenAsync();
        await using var command = new NpgsqlCommand($"{before} {_name}{after}", server);
        await command.ExecuteNonQueryAsync();
    }
}
