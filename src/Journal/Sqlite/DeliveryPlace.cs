namespace FtpActors.Journal.Sqlite;

/// <summary>
/// A delivery's place in the line of its session. Of the due ordered deliveries of a session exactly the first is not blocked; whatever
/// enters or leaves the line keeps that, in the transaction that moves it, with a few steps however long the line is.
/// </summary>
internal readonly record struct DeliveryPlace(long Id, int Shard, string? Session, bool Ordered, DeliveryState State)
{
    public static DeliveryPlace? Find(Database database, long id)
    {
        var row = database[SqlTexts.All.ReadPlace].Bind(1, id);
        DeliveryPlace? place = row.Step()
            ? new DeliveryPlace(id, (int)row.Integer(0), row.TextOrNull(1), row.Integer(2) != 0, DeliveryRow.State(row.Text(3)))
            : null;
        row.Reset();
        return place;
    }

    /// <summary>After a due one became something else: the next one's turn.</summary>
    public void Left(Database database)
    {
        if (Ordered && Session is not null)
            database[SqlTexts.All.UnblockFirst].Bind(1, Shard).Bind(2, Session).Run();
    }

    /// <summary>After one became due again, perhaps before the one whose turn it was: that one waits again.</summary>
    public void CameBack(Database database)
    {
        if (Ordered && Session is not null)
            database[SqlTexts.All.BlockNext].Bind(1, Shard).Bind(2, Session).Bind(3, Id).Run();
    }
}
