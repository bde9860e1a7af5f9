using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>A session and its row; the order of the columns is that of sessions.sql.</summary>
internal static class SessionRow
{
    /// <summary>All of a step in one statement: one for each costs PostgreSQL more than the rows themselves. A session may come once.</summary>
    public static void Write(NpgsqlBatch batch, IReadOnlyList<SessionRecord> sessions, int shard)
    {
        if (sessions.Count == 0)
            return;
        batch.Add(
            SqlTexts.WriteSessions, shard,
            All(s => s.Id), All(s => s.Key.Host), All(s => s.Key.Service), All(s => s.Key.User), All(s => s.Key.RemoteHost), All(s => s.Key.ServerSession),
            All(s => s.OpenedAt.ToUniversalTime()), All(s => Words<SessionBegan>.Of(s.Began)), All(s => s.User), All(s => s.RemoteHost), All(s => s.Email),
            All(s => s.ClosedAt?.ToUniversalTime()), All(s => s.Ended is { } ended ? Words<SessionEnded>.Of(ended) : null),
            All(s => Words<SessionState>.Of(s.State)), All(s => Words<SessionCertainty>.Of(s.Certainty)), All(s => s.Path), All(s => s.BytesNow), All(s => s.Rate),
            All(s => s.Uploads), All(s => s.Downloads), All(s => s.BytesUp), All(s => s.BytesDown), All(s => s.Failures), All(s => s.Deletes),
            All(s => s.Mkdirs), All(s => s.Renames), All(s => s.Other), All(s => s.LastAt.ToUniversalTime()), All(s => s.Local), All(s => s.BytesTotal),
            All(s => s.RestartAt), All(s => s.TransferStartedAt?.ToUniversalTime()));

        T[] All<T>(Func<SessionRecord, T> column) => [.. sessions.Select(column)];
    }

    public static SessionRecord Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Key = new SessionKey(row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6)),
        OpenedAt = row.Time(7),
        Began = Words<SessionBegan>.Parse(row.GetString(8)),
        User = row.GetString(9),
        RemoteHost = row.GetString(10),
        Email = row.TextOrNull(11),
        ClosedAt = row.TimeOrNull(12),
        Ended = row.TextOrNull(13) is { } ended ? Words<SessionEnded>.Parse(ended) : null,
        State = Words<SessionState>.Parse(row.GetString(14)),
        Certainty = Words<SessionCertainty>.Parse(row.GetString(15)),
        Path = row.TextOrNull(16),
        BytesNow = row.GetInt64(17),
        Rate = row.GetDouble(18),
        Uploads = row.GetInt32(19),
        Downloads = row.GetInt32(20),
        BytesUp = row.GetInt64(21),
        BytesDown = row.GetInt64(22),
        Failures = row.GetInt32(23),
        Deletes = row.GetInt32(24),
        Mkdirs = row.GetInt32(25),
        Renames = row.GetInt32(26),
        Other = row.GetInt32(27),
        LastAt = row.Time(28),
        Local = row.TextOrNull(29),
        BytesTotal = row.IsDBNull(30) ? null : row.GetInt64(30),
        RestartAt = row.IsDBNull(31) ? null : row.GetInt64(31),
        TransferStartedAt = row.TimeOrNull(32),
    };
}
