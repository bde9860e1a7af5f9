using SQLitePCL;

namespace FtpActors.Journal.Sqlite;

/// <summary>A replay and its row; the order of the columns is that of replays.sql.</summary>
internal static class ReplayRow
{
    private static readonly string[] States = ["running", "done", "stopped"];

    public static string Word(ReplayState state) => States[(int)state];

    public static ReplayState State(string word)
    {
        var i = Array.IndexOf(States, word);
        return i >= 0 ? (ReplayState)i : throw new SqliteFailure(raw.SQLITE_CORRUPT, $"the state '{word}' of a replay is not known");
    }

    /// <summary>One replay or, for null, all.</summary>
    public static List<ReplayRecord> ReadAll(Database database, string? id)
    {
        var replays = new List<ReplayRecord>();
        var row = database[SqlTexts.All.ReadReplays].Bind(1, id);
        while (row.Step())
        {
            replays.Add(new ReplayRecord(
                Id: row.Text(0), Parameters: row.Text(1), State(row.Text(2)), CreatedAt: Times.FromMicroseconds(row.Integer(3)),
                ChangedAt: Times.FromMicroseconds(row.Integer(4)), Read: row.Integer(5), Matched: row.Integer(6), Made: row.Integer(7),
                Positions: ReadPositions(database, row.Text(0))));
        }
        return replays;
    }

    private static List<ReplayPosition> ReadPositions(Database database, string id)
    {
        var positions = new List<ReplayPosition>();
        var row = database[SqlTexts.All.ReadReplayPositions].Bind(1, id);
        while (row.Step())
            positions.Add(new ReplayPosition((int)row.Integer(0), row.Text(1), row.Integer(2)));
        return positions;
    }
}
