using System.Text;
using FtpActors.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace FtpActors.Journal.Postgres;

/// <summary>A delivery or a try and its row; the order of the columns is that of deliveries.sql.</summary>
internal static class DeliveryRow
{
    public static void Insert(NpgsqlBatch batch, int shard, NewDelivery d, DateTimeOffset now)
    {
        batch.Add(SqlTexts.InsertDelivery, d.Key, shard, d.Rule, d.Trigger, d.Session, d.Ordered, d.OnHost, d.DueAt, d.Replay, now, d.Facts);
        batch.BatchCommands[^1].Parameters[^1].NpgsqlDbType = NpgsqlDbType.Json;
    }

    /// <summary>Adds deliveries; the transaction has the shard's row.</summary>
    /// <returns>How many were new.</returns>
    public static async Task<int> InsertAsync(NpgsqlConnection connection, int shard, IEnumerable<NewDelivery> deliveries, DateTimeOffset now)
    {
        var made = 0;
        foreach (var part in deliveries.Chunk(500))
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var delivery in part)
                Insert(batch, shard, delivery, now);
            made += await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        return made;
    }

    public static DeliveryRecord Read(NpgsqlDataReader row) => new(
        Id: row.GetInt64(0), Shard: row.GetInt32(2),
        new NewDelivery(
            Key: row.GetString(1), Rule: row.GetString(3), Trigger: row.GetString(4), Session: row.TextOrNull(5), Ordered: row.GetBoolean(6),
            OnHost: row.TextOrNull(7), Facts: row.GetString(8), DueAt: row.Time(9), Replay: row.TextOrNull(10)),
        Words<DeliveryState>.Parse(row.GetString(11)), Step: row.GetInt32(12), Attempt: row.GetInt32(13), CreatedAt: row.Time(14),
        FinishedAt: row.TimeOrNull(15));

    /// <summary>Stores a try under the next number of its delivery.</summary>
    public static void InsertTry(NpgsqlBatch batch, long delivery, DeliveryTry t) => batch.Add(
        SqlTexts.InsertTry, delivery, t.Step, t.Node, t.StartedAt, t.EndedAt, t.Succeeded, t.Code,
        Stored(t.Summary), Stored(t.FirstOutput), Stored(t.LastOutput));

    public static DeliveryTry ReadTry(NpgsqlDataReader row) => new(
        Number: row.GetInt32(0), Step: row.GetInt32(1), Node: row.GetString(2), StartedAt: row.Time(3), EndedAt: row.Time(4),
        Succeeded: row.GetBoolean(5), Code: row.IsDBNull(6) ? null : row.GetInt32(6),
        Summary: Original(row.GetString(7)), FirstOutput: Original(row.GetString(8)), LastOutput: Original(row.GetString(9)));

    // Outputs of programs may have NUL, which PostgreSQL's text cannot hold.
    private static string Stored(string text) => ReversibleText.FromBytes(Encoding.UTF8.GetBytes(text));

    private static string Original(string stored) => Encoding.UTF8.GetString(ReversibleText.ToBytes(stored));
}
