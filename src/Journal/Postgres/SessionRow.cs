using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>A session and its row; the order of the columns is that of sessions.sql.</summary>
internal static class SessionRow
{
    public static void Write(NpgsqlBatch batch, SessionRecord s, int shard) => batch.Add(
        SqlTexts.WriteSession,
        s.Id, shard, s.Key.Host, s.Key.Service, s.Key.User, s.Key.RemoteHost, s.Key.ServerSession, s.OpenedAt, Words<SessionBegan>.Of(s.Began),
        s.User, s.RemoteHost, s.Email, s.ClosedAt, s.Ended is { } ended ? Words<SessionEnded>.Of(ended) : null,
        Words<SessionState>.Of(s.State), Words<SessionCertainty>.Of(s.Certainty), s.Path, s.BytesNow, s.Rate,
        s.Uploads, s.Downloads, s.BytesUp, s.BytesDown, s.Failures, s.Deletes, s.Mkdirs, s.Renames, s.Other, s.LastAt,
        s.Local, s.BytesTotal, s.RestartAt, s.TransferStartedAt);

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
