namespace FtpActors.Journal.Sqlite;

/// <summary>How far a spool has come. The writer's own; moved by its requests and taken back when a commit fails.</summary>
internal sealed class SpoolHead(long num, string id, long lastSeq, long[] lastOfShard)
{
    public long Num { get; } = num;

    public string Id { get; } = id;

    /// <summary>Last seq; 0 when it has none.</summary>
    public long LastSeq { get; set; } = lastSeq;

    /// <summary>Last seq of each shard; 0 where there is none.</summary>
    public long[] LastOfShard { get; } = lastOfShard;

    public SpoolHead Copy() => new(Num, Id, LastSeq, [.. LastOfShard]);
}
