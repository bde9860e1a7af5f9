namespace FtpActors.Journal.Sqlite;

/// <summary>Deliveries from outside a step.</summary>
internal sealed class AddDeliveries(int shard, IReadOnlyList<NewDelivery> deliveries, DateTimeOffset now) : WriteRequest<int>
{
    public override int Rows => deliveries.Count;

    public override int Bytes => deliveries.Sum(d => d.Facts.Length);

    public override void Write(WriterRows rows) => Answer = deliveries.Count(d => DeliveryRow.Insert(rows.Database, shard, d, now));
}

/// <summary>A try and what it changed.</summary>
internal sealed class StoreTry(DeliveryProgress progress) : WriteRequest<bool>
{
    public override int Rows => 2 + progress.Followups.Count;

    public override int Bytes => progress.Try.FirstOutput.Length + progress.Try.LastOutput.Length;

    public override void Write(WriterRows rows)
    {
        ShardEpoch.Require(rows.Database, progress.Shard, progress.Epoch);
        if (DeliveryPlace.Find(rows.Database, progress.Id) is not { } place || place.Shard != progress.Shard)
            throw new InvalidOperationException($"There is no delivery {progress.Id} in shard {progress.Shard}: its try cannot be stored.");

        DeliveryRow.InsertTry(rows.Database, progress.Id, progress.Try);
        // A person may have dropped it while it ran: that stands.
        if (place.State != DeliveryState.Due)
            return;

        var ended = progress.Try.EndedAt;
        rows.Database[WriterRows.Sql.MoveDelivery]
            .Bind(1, progress.Id).Bind(2, DeliveryRow.Word(progress.State)).Bind(3, progress.Step).Bind(4, progress.Attempt)
            .Bind(5, Times.ToMicroseconds(progress.DueAt))
            .Bind(6, progress.State == DeliveryState.Due ? null : Times.ToMicroseconds(ended))
            .Run();
        if (progress.State != DeliveryState.Due)
            place.Left(rows.Database);
        foreach (var followup in progress.Followups)
            DeliveryRow.Insert(rows.Database, progress.Shard, followup, ended);
    }
}

/// <summary>Deliveries that a person wants tried again; the answer has the shards of those that could be.</summary>
internal sealed class RetryDeliveries(IReadOnlyList<long> ids, DateTimeOffset now) : WriteRequest<List<int>>
{
    public override int Rows => ids.Count;

    public override void Write(WriterRows rows)
    {
        Answer = [];
        var due = Times.ToMicroseconds(now);
        foreach (var id in ids)
        {
            if (DeliveryPlace.Find(rows.Database, id) is not { State: not DeliveryState.Done } place)
                continue;
            if (place.State == DeliveryState.Due)
            {
                rows.Database[WriterRows.Sql.HastenDelivery].Bind(1, id).Bind(2, due).Run();
            }
            else
            {
                rows.Database[WriterRows.Sql.ReviveDelivery].Bind(1, id).Bind(2, due).Run();
                place.CameBack(rows.Database);
            }
            Answer.Add(place.Shard);
        }
    }
}

/// <summary>Deliveries that a person takes off; the answer is how many were still due or dead.</summary>
internal sealed class DropDeliveries(IReadOnlyList<long> ids, DateTimeOffset now) : WriteRequest<int>
{
    public override int Rows => ids.Count;

    public override void Write(WriterRows rows)
    {
        Answer = 0;
        foreach (var id in ids)
        {
            if (DeliveryPlace.Find(rows.Database, id) is not { State: DeliveryState.Due or DeliveryState.Dead } place)
                continue;
            rows.Database[WriterRows.Sql.DropDelivery].Bind(1, id).Bind(2, Times.ToMicroseconds(now)).Run();
            if (place.State == DeliveryState.Due)
                place.Left(rows.Database);
            Answer++;
        }
    }
}
