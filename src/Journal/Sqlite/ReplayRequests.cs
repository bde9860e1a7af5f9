namespace FtpActors.Journal.Sqlite;

/// <summary>A new replay.</summary>
internal sealed class CreateReplay(string id, string parameters, DateTimeOffset now) : WriteRequest<bool>
{
    public override void Write(WriterRows rows)
    {
        rows.Database[WriterRows.Sql.InsertReplay].Bind(1, id).Bind(2, parameters).Bind(3, Times.ToMicroseconds(now)).Run();
        if (rows.Database.Changes == 0)
            throw new InvalidOperationException($"There is a replay {id} already.");
    }
}

/// <summary>A replay's new position with what it made on the way.</summary>
internal sealed class MoveReplay(ReplayMove move, DateTimeOffset now) : WriteRequest<int>
{
    public override int Rows => 2 + move.Deliveries.Count;

    public override int Bytes => move.Deliveries.Sum(d => d.Facts.Length);

    public override void Write(WriterRows rows)
    {
        var spool = rows.Find(move.Spool)
            ?? throw new InvalidOperationException($"Replay {move.Id} cannot stand in spool {move.Spool}: it has never appended to this journal.");
        RequireBefore(rows, spool.Num);

        var sql = WriterRows.Sql;
        rows.Database[sql.MoveReplay].Bind(1, move.Id).Bind(2, move.Shard).Bind(3, spool.Num).Bind(4, move.Seq).Run();
        Answer = move.Deliveries.Count(d => DeliveryRow.Insert(rows.Database, move.Shard, d, now));
        rows.Database[sql.CountReplay].Bind(1, move.Id).Bind(2, move.Read).Bind(3, move.Matched).Bind(4, Answer)
            .Bind(5, Times.ToMicroseconds(now)).Run();
    }

    private void RequireBefore(WriterRows rows, long spool)
    {
        var row = rows.Database[WriterRows.Sql.ReadReplayPlace].Bind(1, move.Id).Bind(2, move.Shard).Bind(3, spool);
        ReplayState? state = row.Step() ? ReplayRow.State(row.Text(0)) : null;
        var seq = state is null ? 0 : row.Integer(1);
        row.Reset();

        if (state is null)
            throw new InvalidOperationException($"There is no replay {move.Id}.");
        if (state != ReplayState.Running)
            throw new InvalidOperationException($"Replay {move.Id} is {ReplayRow.Word(state.Value)}, not running.");
        if (seq >= move.Seq)
        {
            throw new InvalidOperationException(
                $"Replay {move.Id} stands at {seq} of shard {move.Shard} and spool {move.Spool} already, not before {move.Seq}: something else moves it.");
        }
    }
}

/// <summary>The end of a replay, or that it goes on.</summary>
internal sealed class SetReplayState(string id, ReplayState state, DateTimeOffset now) : WriteRequest<bool>
{
    public override void Write(WriterRows rows)
    {
        rows.Database[WriterRows.Sql.SetReplayState].Bind(1, id).Bind(2, ReplayRow.Word(state)).Bind(3, Times.ToMicroseconds(now)).Run();
        if (rows.Database.Changes == 0)
            throw new InvalidOperationException($"There is no replay {id}.");
    }
}

/// <summary>Sessions of a shard as a rebuild computed them.</summary>
internal sealed class ReplaceSessions(int shard, long? epoch, IReadOnlyList<SessionRecord> sessions, IReadOnlyList<string> deleted)
    : WriteRequest<bool>
{
    public override int Rows => sessions.Count + deleted.Count;

    public override void Write(WriterRows rows)
    {
        if (epoch is { } owned)
            ShardEpoch.Require(rows.Database, shard, owned);

        // An update would leave the columns that a living session never changes.
        var delete = rows.Database[WriterRows.Sql.DeleteSession].Bind(2, shard);
        foreach (var id in deleted.Concat(sessions.Select(s => s.Id)))
            delete.Bind(1, id).Run();
        var write = rows.Database[WriterRows.Sql.WriteSession];
        foreach (var session in sessions)
            SessionRow.Write(write, session, shard);
    }
}
