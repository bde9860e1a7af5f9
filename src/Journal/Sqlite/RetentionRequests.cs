namespace FtpActors.Journal.Sqlite;

/// <summary>Drops old applied events of one shard and spool, from the oldest on. The answer is how many went; fewer than the chunk: that was all.</summary>
internal sealed class ExpireEvents(int shard, long spool, long upTo, DateTimeOffset before, int chunk) : WriteRequest<long>
{
    public override int Rows => chunk;

    public override void Write(WriterRows rows)
    {
        var next = rows.Database[WriterRows.Sql.ReadChunkEnd].Bind(1, shard).Bind(2, spool).Bind(3, upTo).Bind(4, chunk);
        next.Step();
        var (end, count) = (next.Integer(0), next.Integer(1));
        next.Reset();
        Answer = 0;
        if (count == 0)
            return;
        rows.Database[WriterRows.Sql.DropEvents].Bind(1, shard).Bind(2, spool).Bind(3, end).Bind(4, Times.ToMicroseconds(before)).Run();
        Answer = rows.Database.Changes;
    }
}

/// <summary>Drops closed sessions, as many as one chunk at most.</summary>
internal sealed class ExpireSessions(DateTimeOffset before, int chunk) : WriteRequest<long>
{
    public override int Rows => chunk;

    public override void Write(WriterRows rows)
    {
        rows.Database[WriterRows.Sql.DropSessions].Bind(1, Times.ToMicroseconds(before)).Bind(2, chunk).Run();
        Answer = rows.Database.Changes;
    }
}

/// <summary>Drops deliveries in one state that are over, with their tries, as many as one chunk at most.</summary>
internal sealed class ExpireDeliveries(DeliveryState state, DateTimeOffset before, int chunk) : WriteRequest<long>
{
    public override int Rows => 2 * chunk;

    public override void Write(WriterRows rows)
    {
        // The tries first: afterwards nothing says which ones they were.
        foreach (var text in (string[])[WriterRows.Sql.DropTries, WriterRows.Sql.DropDeliveries])
            rows.Database[text].Bind(1, DeliveryRow.Word(state)).Bind(2, Times.ToMicroseconds(before)).Bind(3, chunk).Run();
        Answer = rows.Database.Changes;
    }
}
