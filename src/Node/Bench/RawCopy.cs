using System.Buffers;
using System.Diagnostics;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;
using Npgsql;
using NpgsqlTypes;

namespace FtpActors.Node.Bench;

/// <summary>PostgreSQL's own limit: binary COPY of a row for each event, 1,000 a transaction, by one connection that does nothing else.</summary>
internal static class RawCopy
{
    private const int Batch = 1000;

    /// <summary>Rows per second.</summary>
    public static async Task<double> RunAsync(string connection, IReadOnlyList<FtpEvent> events, CancellationToken cancel)
    {
        var rows = events.Select((e, i) => (Shard: SessionKey.Of(e).Shard(ClusterWay.Shards), Seq: i + 1L, Kind: Names.Of(e.Kind), Payload: Payload(e))).ToList();
        await using var server = new NpgsqlConnection(connection);
        await server.OpenAsync(cancel);
        await using (var make = new NpgsqlCommand("CREATE TABLE bare (shard int, seq bigint, received_at bigint, kind text, payload bytea, PRIMARY KEY (shard, seq))", server))
            await make.ExecuteNonQueryAsync(cancel);
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in rows.Chunk(Batch))
        {
            await using var copy = await server.BeginBinaryImportAsync("COPY bare FROM STDIN (FORMAT BINARY)", cancel);
            foreach (var (shard, seq, kind, payload) in batch)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(shard, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(seq, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(seq, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(kind, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(payload, NpgsqlDbType.Bytea, cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        return events.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static byte[] Payload(FtpEvent e)
    {
        var output = new ArrayBufferWriter<byte>(400);
        EventBytes.Write(output, e);
        return output.WrittenSpan.ToArray();
    }
}
