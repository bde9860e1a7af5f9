using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

/// <summary>A session and its row; the order of the columns is that of sessions.sql.</summary>
internal static class SessionRow
{
    private static readonly string[] Began = Words<SessionBegan>();
    private static readonly string[] Ended = Words<SessionEnded>();
    private static readonly string[] States = Words<SessionState>();
    private static readonly string[] Certainties = Words<SessionCertainty>();

    public static void Write(Statement row, SessionRecord s, int shard) => row
        .Bind(1, s.Id).Bind(2, shard)
        .Bind(3, s.Key.Host).Bind(4, s.Key.Service).Bind(5, s.Key.User).Bind(6, s.Key.RemoteHost).Bind(7, s.Key.ServerSession)
        .Bind(8, Times.ToMicroseconds(s.OpenedAt)).Bind(9, Began[(int)s.Began])
        .Bind(10, s.User).Bind(11, s.RemoteHost).Bind(12, s.Email)
        .Bind(13, s.ClosedAt is { } closed ? Times.ToMicroseconds(closed) : null)
        .Bind(14, s.Ended is { } ended ? Ended[(int)ended] : null)
        .Bind(15, States[(int)s.State]).Bind(16, Certainties[(int)s.Certainty])
        .Bind(17, s.Path).Bind(18, s.BytesNow).Bind(19, s.Rate)
        .Bind(20, s.Uploads).Bind(21, s.Downloads).Bind(22, s.BytesUp).Bind(23, s.BytesDown)
        .Bind(24, s.Failures).Bind(25, s.Deletes).Bind(26, s.Mkdirs).Bind(27, s.Renames).Bind(28, s.Other)
        .Bind(29, Times.ToMicroseconds(s.LastAt)).Bind(30, s.Local).Bind(31, s.BytesTotal).Bind(32, s.RestartAt)
        .Bind(33, s.TransferStartedAt is { } started ? Times.ToMicroseconds(started) : null)
        .Run();

    /// <summary>Updates a session that is open; false when it has no row yet.</summary>
    public static bool Update(Database database, SessionRecord s)
    {
        database[SqlTexts.All.UpdateOpenSession]
            .Bind(1, s.Id).Bind(2, s.User).Bind(3, s.RemoteHost).Bind(4, s.Email)
            .Bind(5, States[(int)s.State]).Bind(6, Certainties[(int)s.Certainty]).Bind(7, s.Path).Bind(8, s.BytesNow).Bind(9, s.Rate)
            .Bind(10, s.Uploads).Bind(11, s.Downloads).Bind(12, s.BytesUp).Bind(13, s.BytesDown)
            .Bind(14, s.Failures).Bind(15, s.Deletes).Bind(16, s.Mkdirs).Bind(17, s.Renames).Bind(18, s.Other)
            .Bind(19, Times.ToMicroseconds(s.LastAt)).Bind(20, s.Local).Bind(21, s.BytesTotal).Bind(22, s.RestartAt)
            .Bind(23, s.TransferStartedAt is { } started ? Times.ToMicroseconds(started) : null)
            .Run();
        return database.Changes == 1;
    }

    public static SessionRecord Read(Statement row) => new()
    {
        Id = row.Text(0),
        Key = new SessionKey(row.Text(2), row.Text(3), row.Text(4), row.Text(5), row.Text(6)),
        OpenedAt = Times.FromMicroseconds(row.Integer(7)),
        Began = (SessionBegan)Find(Began, row.Text(8)),
        User = row.Text(9),
        RemoteHost = row.Text(10),
        Email = row.TextOrNull(11),
        ClosedAt = row.IsNull(12) ? null : Times.FromMicroseconds(row.Integer(12)),
        Ended = row.IsNull(13) ? null : (SessionEnded)Find(Ended, row.Text(13)),
        State = (SessionState)Find(States, row.Text(14)),
        Certainty = (SessionCertainty)Find(Certainties, row.Text(15)),
        Path = row.TextOrNull(16),
        BytesNow = row.Integer(17),
        Rate = row.Real(18),
        Uploads = (int)row.Integer(19),
        Downloads = (int)row.Integer(20),
        BytesUp = row.Integer(21),
        BytesDown = row.Integer(22),
        Failures = (int)row.Integer(23),
        Deletes = (int)row.Integer(24),
        Mkdirs = (int)row.Integer(25),
        Renames = (int)row.Integer(26),
        Other = (int)row.Integer(27),
        LastAt = Times.FromMicroseconds(row.Integer(28)),
        Local = row.TextOrNull(29),
        BytesTotal = row.IsNull(30) ? null : row.Integer(30),
        RestartAt = row.IsNull(31) ? null : row.Integer(31),
        TransferStartedAt = row.IsNull(32) ? null : Times.FromMicroseconds(row.Integer(32)),
    };

    private static int Find(string[] words, string word)
    {
        var i = Array.IndexOf(words, word);
        return i >= 0 ? i : throw new SqliteFailure(SQLitePCL.raw.SQLITE_CORRUPT, $"the word '{word}' in a session is not known");
    }

#pragma warning disable CA1308 // The words of the tables are lower case.
    private static string[] Words<T>() where T : struct, Enum => [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
#pragma warning restore CA1308
}
