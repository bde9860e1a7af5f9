namespace FtpActors.Journal.Sqlite;

/// <summary>What requests see of the writer: its connection and where each spool stands inside the running transaction.</summary>
internal sealed class WriterRows
{
    private readonly Dictionary<string, SpoolHead> _spools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpoolHead?> _before = new(StringComparer.Ordinal);

    public WriterRows(Database database, int shards)
    {
        Database = database;
        Shards = shards;

        var heads = new List<(long Num, string Id, long Last)>();
        var rows = database[Sql.ReadSpools];
        while (rows.Step())
            heads.Add((rows.Integer(0), rows.Text(1), rows.Integer(2)));
        // One shard has every event, also when the last one has been dropped.
        foreach (var (num, id, last) in heads)
            _spools.Add(id, new SpoolHead(num, id, last, [.. Enumerable.Range(0, shards).Select(shard => shards == 1 ? last : ReadLast(shard, num))]));
        Own = _spools.Values.Single(s => s.Num == 1).Id;
    }

    public static SqlTexts Sql => SqlTexts.All;

    public Database Database { get; }

    public int Shards { get; }

    /// <summary>Id of the file's own spool.</summary>
    public string Own { get; }

    /// <summary>Whether anybody subscribed to fresh events.</summary>
    public bool FreshWanted { get; set; }

    public SpoolHead? Find(string spool) => _spools.GetValueOrDefault(spool);

    /// <summary>The spool, to be moved by the running transaction.</summary>
    public SpoolHead Change(SpoolHead spool)
    {
        if (!_before.ContainsKey(spool.Id))
            _before.Add(spool.Id, spool.Copy());
        return spool;
    }

    public SpoolHead Add(string id, string host)
    {
        var insert = Database[Sql.InsertSpool].Bind(1, id).Bind(2, host);
        insert.Step();
        var spool = new SpoolHead(insert.Integer(0), id, 0, new long[Shards]);
        insert.Reset();
        _before.TryAdd(id, null);
        _spools.Add(id, spool);
        return spool;
    }

    /// <summary>Appends rows to a spool: promise 2, the move of last_seq from the value that the batch starts at, in the same transaction.</summary>
    public List<FreshEvents> Append(SpoolHead spool, EventRows events, int skip)
    {
        Change(spool);
        var count = events.Events.Count - skip;
        Database[Sql.MoveSpool].Bind(1, spool.Num).Bind(2, spool.LastSeq).Bind(3, spool.LastSeq + count).Run();
        if (Database.Changes != 1)
        {
            throw new SqliteFailure(SQLitePCL.raw.SQLITE_CORRUPT,
                $"spool {spool.Id} does not stand at {spool.LastSeq}: something else has written to the file");
        }
        var fresh = events.Insert(Database[Sql.InsertEvent], spool, skip, spool.LastSeq + 1, FreshWanted);
        spool.LastSeq += count;
        return fresh;
    }

    public void Committed() => _before.Clear();

    public void TakeBack()
    {
        foreach (var (id, before) in _before)
        {
            if (before is null)
                _spools.Remove(id);
            else
                _spools[id] = before;
        }
        _before.Clear();
    }

    private long ReadLast(int shard, long spool)
    {
        var last = Database[Sql.LastEvent].Bind(1, shard).Bind(2, spool);
        last.Step();
        var seq = last.Integer(0);
        last.Reset();
        return seq;
    }
}
