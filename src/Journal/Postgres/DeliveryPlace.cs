using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// A delivery's place in the line of its session. Of the due ordered deliveries of a session exactly the first is not blocked; whatever
/// enters or leaves the line keeps that, in the transaction that moves it and that has locked the shard's row.
/// </summary>
internal readonly record struct DeliveryPlace(long Id, int Shard, string? Session, bool Ordered, DeliveryState State)
{
    public static async Task<DeliveryPlace?> FindAsync(NpgsqlConnection connection, long id)
    {
        var places = await connection.ReadAsync(
            r => new DeliveryPlace(id, r.GetInt32(0), r.TextOrNull(1), r.GetBoolean(2), Words<DeliveryState>.Parse(r.GetString(3))),
            SqlTexts.ReadPlace, id).ConfigureAwait(false);
        return places.Count == 0 ? null : places[0];
    }

    /// <summary>Stores a try and what it changed.</summary>
    public async Task StoreAsync(NpgsqlConnection connection, DeliveryProgress progress)
    {
        await using var batch = new NpgsqlBatch(connection);
        DeliveryRow.InsertTry(batch, Id, progress.Try);
        // A person may have dropped it while it ran: that stands.
        if (State == DeliveryState.Due)
        {
            var ended = progress.Try.EndedAt;
            batch.Add(
                SqlTexts.MoveDelivery, Id, Words<DeliveryState>.Of(progress.State), progress.Step, progress.Attempt, progress.DueAt,
                progress.State == DeliveryState.Due ? null : ended);
            if (progress.State != DeliveryState.Due)
                Left(batch);
            foreach (var followup in progress.Followups)
                DeliveryRow.Insert(batch, Shard, followup, ended);
        }
        await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    /// <summary>After a due one became something else: the next one's turn.</summary>
    public void Left(NpgsqlBatch batch)
    {
        if (Ordered && Session is not null)
            batch.Add(SqlTexts.UnblockFirst, Shard, Session);
    }

    /// <summary>After one became due again, perhaps before the one whose turn it was: that one waits again.</summary>
    public async Task CameBackAsync(NpgsqlConnection connection)
    {
        if (Ordered && Session is not null)
            await connection.RunAsync(SqlTexts.BlockNext, Shard, Session, Id).ConfigureAwait(false);
    }
}
