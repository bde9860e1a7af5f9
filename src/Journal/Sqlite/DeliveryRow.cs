using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>A delivery or a try and its row; the order of the columns is that of deliveries.sql.</summary>
internal static class DeliveryRow
{
    /// <summary>Where the rule's name stands, for a look before the rest is read.</summary>
    public const int RuleColumn = 3;

    private static readonly string[] States = ["due", "done", "dead", "dropped"];

    public static string Word(DeliveryState state) => States[(int)state];

    public static DeliveryState State(string word)
    {
        var i = Array.IndexOf(States, word);
        return i >= 0 ? (DeliveryState)i : throw new SqliteFailure(raw.SQLITE_CORRUPT, $"the state '{word}' of a delivery is not known");
    }

    /// <summary>Adds a delivery at the end of its session's line.</summary>
    /// <returns>False when its key is there already.</returns>
    public static bool Insert(Database database, int shard, NewDelivery d, DateTimeOffset now)
    {
        database[SqlTexts.All.InsertDelivery]
            .Bind(1, d.Key).Bind(2, shard).Bind(3, d.Rule).Bind(4, d.Trigger).Bind(5, d.Session).Bind(6, d.Ordered ? 1 : 0).Bind(7, d.OnHost)
            .Bind(8, Times.ToMicroseconds(d.DueAt)).Bind(9, d.Replay).Bind(10, Times.ToMicroseconds(now)).Bind(11, d.Facts)
            .Run();
        return database.Changes == 1;
    }

    public static DeliveryRecord Read(Statement row) => new(
        Id: row.Integer(0), Shard: (int)row.Integer(2),
        new NewDelivery(
            Key: row.Text(1), Rule: row.Text(3), Trigger: row.Text(4), Session: row.TextOrNull(5), Ordered: row.Integer(6) != 0,
            OnHost: row.TextOrNull(7), Facts: row.Text(8), DueAt: Times.FromMicroseconds(row.Integer(9)), Replay: row.TextOrNull(10)),
        State(row.Text(11)), Step: (int)row.Integer(12), Attempt: (int)row.Integer(13), CreatedAt: Times.FromMicroseconds(row.Integer(14)),
        FinishedAt: row.IsNull(15) ? null : Times.FromMicroseconds(row.Integer(15)));

    /// <summary>Stores a try under the next number of its delivery.</summary>
    public static void InsertTry(Database database, long delivery, DeliveryTry t) => database[SqlTexts.All.InsertTry]
        .Bind(1, delivery).Bind(2, t.Step).Bind(3, t.Node)
        .Bind(4, Times.ToMicroseconds(t.StartedAt)).Bind(5, Times.ToMicroseconds(t.EndedAt))
        .Bind(6, t.Succeeded ? 1 : 0).Bind(7, t.Code).Bind(8, t.Summary).Bind(9, t.FirstOutput).Bind(10, t.LastOutput)
        .Run();

    public static DeliveryTry ReadTry(Statement row) => new(
        Number: (int)row.Integer(0), Step: (int)row.Integer(1), Node: row.Text(2),
        StartedAt: Times.FromMicroseconds(row.Integer(3)), EndedAt: Times.FromMicroseconds(row.Integer(4)), Succeeded: row.Integer(5) != 0,
        Code: row.IsNull(6) ? null : (int)row.Integer(6), Summary: row.Text(7), FirstOutput: row.Text(8), LastOutput: row.Text(9));
}
