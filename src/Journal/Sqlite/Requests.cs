using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

/// <summary>A source's batch for the file's own spool.</summary>
internal sealed class AppendBatch(SourceBatch batch, int shards) : WriteRequest<long>
{
    private readonly EventRows _events = new(batch.Events, shards);

    public override int Rows => batch.Events.Count + batch.Quarantined.Count;

    public override int Bytes => _events.Bytes + batch.Quarantined.Sum(q => q.Bytes.Length);

    public override void Write(WriterRows rows)
    {
        var spool = rows.Find(rows.Own)!;
        Answer = spool.LastSeq + 1;
        if (batch.Events.Count > 0)
            Fresh = rows.Append(spool, _events, skip: 0);

        var sql = WriterRows.Sql;
        foreach (var message in batch.Quarantined)
        {
            rows.Database[sql.InsertQuarantine].Bind(1, Times.ToMicroseconds(message.ReceivedAt)).Bind(2, message.Source)
                .Bind(3, message.Sender).Bind(4, message.Reason).BindBlob(5, message.Bytes).Run();
        }
        if (batch.SourceState is { } state)
            rows.Database[sql.WriteSourceState].Bind(1, batch.Source).BindBlob(2, state).Run();
    }
}

/// <summary>Events of any spool, from its forwarder.</summary>
internal sealed class CopySpool(string spool, string host, long after, IReadOnlyList<FtpEvent> events, int shards) : WriteRequest<bool>
{
    private readonly EventRows _events = new(events, shards);

    public override int Rows => events.Count;

    public override int Bytes => _events.Bytes;

    public override void Write(WriterRows rows)
    {
        var head = rows.Find(spool);
        var last = head?.LastSeq ?? 0;
        if (last < after)
        {
            throw new InvalidOperationException(
                $"Spool {spool} stands at {last} in this journal, but the batch starts after {after}: the events between are missing.");
        }

        if (head is null)
            head = rows.Add(spool, host);
        else
            rows.Database[WriterRows.Sql.RenameHost].Bind(1, head.Num).Bind(2, host).Run();
        var there = last - after;
        if (there < events.Count)
            Fresh = rows.Append(head, _events, (int)there);
    }
}

/// <summary>A new owner of a shard.</summary>
internal sealed class TakeShard(int shard, string owner) : WriteRequest<ShardLease>
{
    public override void Write(WriterRows rows)
    {
        var sql = WriterRows.Sql;
        var take = rows.Database[sql.TakeShard].Bind(1, shard).Bind(2, owner);
        take.Step();
        var epoch = take.Integer(0);
        take.Reset();

        var checkpoints = new List<Checkpoint>();
        var read = rows.Database[sql.ReadCheckpoints].Bind(1, shard);
        while (read.Step())
            checkpoints.Add(new Checkpoint(read.Text(0), read.Integer(1), HeldSeqs.Read(read.Bytes(2))));

        var open = new List<SessionRecord>();
        var sessions = rows.Database[sql.ReadOpenSessions].Bind(1, shard);
        while (sessions.Step())
            open.Add(SessionRow.Read(sessions));
        Answer = new ShardLease(shard, epoch, checkpoints, open);
    }
}

/// <summary>A step of a shard.</summary>
internal sealed class CommitStep(ShardStep step, DateTimeOffset now) : WriteRequest<bool>
{
    public override int Rows => 1 + step.Sessions.Count + step.Deliveries.Count;

    public override int Bytes => step.Deliveries.Sum(d => d.Facts.Length);

    public override void Write(WriterRows rows)
    {
        var spools = step.Checkpoints.Select(c => rows.Find(c.Spool)
            ?? throw new InvalidOperationException($"Shard {step.Shard} cannot stand in spool {c.Spool}: it has never appended to this journal.")).ToList();

        var sql = WriterRows.Sql;
        rows.Database[sql.CountStep].Bind(1, step.Shard).Bind(2, step.Epoch).Bind(3, step.Duplicates).Bind(4, step.Reordered).Run();
        if (rows.Database.Changes == 0)
            throw new ShardLostException(step.Shard, step.Epoch);

        for (var i = 0; i < spools.Count; i++)
        {
            var (_, seq, held) = step.Checkpoints[i];
            rows.Database[sql.WriteCheckpoint].Bind(1, step.Shard).Bind(2, spools[i].Num).Bind(3, seq).Bind(4, HeldSeqs.Write(held)).Run();
        }
        var write = rows.Database[sql.WriteSession];
        foreach (var session in step.Sessions)
        {
            if (session.Ended is not null || !SessionRow.Update(rows.Database, session))
                SessionRow.Write(write, session, step.Shard);
        }
        foreach (var delivery in step.Deliveries)
            DeliveryRow.Insert(rows.Database, step.Shard, delivery, now);
    }
}

/// <summary>A quarantined message that can be decoded now.</summary>
internal sealed class ReleaseQuarantine(long id, FtpEvent e, int shards) : WriteRequest<bool>
{
    private readonly EventRows _event = new([e], shards);

    public override void Write(WriterRows rows)
    {
        rows.Database[WriterRows.Sql.DeleteQuarantine].Bind(1, id).Run();
        Answer = rows.Database.Changes == 1;
        if (Answer)
            Fresh = rows.Append(rows.Find(rows.Own)!, _event, skip: 0);
    }
}
