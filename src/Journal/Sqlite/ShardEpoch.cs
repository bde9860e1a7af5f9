namespace FtpActors.Journal.Sqlite;

/// <summary>Promise 3 for writes that are not a step.</summary>
internal static class ShardEpoch
{
    /// <exception cref="ShardLostException">The shard has another epoch.</exception>
    public static void Require(Database database, int shard, long epoch)
    {
        var row = database[SqlTexts.All.ReadEpoch].Bind(1, shard);
        var owned = row.Step() && row.Integer(0) == epoch;
        row.Reset();
        if (!owned)
            throw new ShardLostException(shard, epoch);
    }
}
