using FtpActors.Protocol;
using LinqToDB;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>A session and the journal row that left it so.</summary>
[Table("session")]
internal sealed record SessionRow : ISummedRow
{
    [Column("id", DataType = DataType.Text), PrimaryKey, NotNull] public string Id { get; init; } = "";
    [Column("handler")] public int Handler { get; init; }
    [Column("row")] public long Row { get; init; }
    [Column("host", DataType = DataType.Text), NotNull] public string Host { get; init; } = "";
    [Column("service", DataType = DataType.Text), NotNull] public string Service { get; init; } = "";
    [Column("key_user", DataType = DataType.Text), NotNull] public string KeyUser { get; init; } = "";
    [Column("key_remote_host", DataType = DataType.Text), NotNull] public string KeyRemoteHost { get; init; } = "";
    [Column("server_session", DataType = DataType.Text), NotNull] public string ServerSession { get; init; } = "";
    [Column("user", DataType = DataType.Text), NotNull] public string User { get; init; } = "";
    [Column("remote_host", DataType = DataType.Text), NotNull] public string RemoteHost { get; init; } = "";
    [Column("local", DataType = DataType.Text), Nullable] public string? Local { get; init; }
    [Column("email", DataType = DataType.Text), Nullable] public string? Email { get; init; }
    [Column("opened_at")] public long OpenedAt { get; init; }
    [Column("closed_at"), Nullable] public long? ClosedAt { get; init; }
    [Column("last_at")] public long LastAt { get; init; }
    [Column("began", DataType = DataType.Text), NotNull] public string Began { get; init; } = "";
    [Column("ended", DataType = DataType.Text), Nullable] public string? Ended { get; init; }
    [Column("state", DataType = DataType.Text), NotNull] public string State { get; init; } = "";
    [Column("certainty", DataType = DataType.Text), NotNull] public string Certainty { get; init; } = "";
    [Column("path", DataType = DataType.Text), Nullable] public string? Path { get; init; }
    [Column("bytes_now")] public long BytesNow { get; init; }
    [Column("bytes_total"), Nullable] public long? BytesTotal { get; init; }
    [Column("restart_at"), Nullable] public long? RestartAt { get; init; }
    [Column("transfer_started_at"), Nullable] public long? TransferStartedAt { get; init; }
    [Column("rate")] public double Rate { get; init; }
    [Column("uploads")] public int Uploads { get; init; }
    [Column("downloads")] public int Downloads { get; init; }
    [Column("bytes_up")] public long BytesUp { get; init; }
    [Column("bytes_down")] public long BytesDown { get; init; }
    [Column("failures")] public int Failures { get; init; }
    [Column("deletes")] public int Deletes { get; init; }
    [Column("mkdirs")] public int Mkdirs { get; init; }
    [Column("renames")] public int Renames { get; init; }
    [Column("other")] public int Other { get; init; }
    [Column("sum")] public long Sum { get; init; }
    [Column("fixed_sum")] public long FixedSum { get; init; }

    public static IReadOnlyList<string> Fixed { get; } = ["opened_at"];

    public static SessionRow Of(SessionRecord s, int handler, long row) => new()
    {
        Id = s.Id, Handler = handler, Row = row,
        Host = s.Key.Host, Service = s.Key.Service, KeyUser = s.Key.User, KeyRemoteHost = s.Key.RemoteHost, ServerSession = s.Key.ServerSession,
        User = s.User, RemoteHost = s.RemoteHost, Local = s.Local, Email = s.Email,
        OpenedAt = Times.ToMicroseconds(s.OpenedAt), ClosedAt = Times.ToMicroseconds(s.ClosedAt), LastAt = Times.ToMicroseconds(s.LastAt),
        Began = Words<SessionBegan>.Of(s.Began), Ended = s.Ended is { } ended ? Words<SessionEnded>.Of(ended) : null,
        State = Words<SessionState>.Of(s.State), Certainty = Words<SessionCertainty>.Of(s.Certainty),
        Path = s.Path, BytesNow = s.BytesNow, BytesTotal = s.BytesTotal, RestartAt = s.RestartAt,
        TransferStartedAt = Times.ToMicroseconds(s.TransferStartedAt), Rate = s.Rate,
        Uploads = s.Uploads, Downloads = s.Downloads, BytesUp = s.BytesUp, BytesDown = s.BytesDown, Failures = s.Failures,
        Deletes = s.Deletes, Mkdirs = s.Mkdirs, Renames = s.Renames, Other = s.Other,
    };

    public SessionRecord ToRecord() => new()
    {
        Id = Id, Key = new SessionKey(Host, Service, KeyUser, KeyRemoteHost, ServerSession),
        User = User, RemoteHost = RemoteHost, Local = Local, Email = Email,
        OpenedAt = Times.FromMicroseconds(OpenedAt), ClosedAt = Times.FromMicroseconds(ClosedAt), LastAt = Times.FromMicroseconds(LastAt),
        Began = Words<SessionBegan>.Read(Began), Ended = Ended is null ? null : Words<SessionEnded>.Read(Ended),
        State = Words<SessionState>.Read(State), Certainty = Words<SessionCertainty>.Read(Certainty),
        Path = Path, BytesNow = BytesNow, BytesTotal = BytesTotal, RestartAt = RestartAt,
        TransferStartedAt = Times.FromMicroseconds(TransferStartedAt), Rate = Rate,
        Uploads = Uploads, Downloads = Downloads, BytesUp = BytesUp, BytesDown = BytesDown, Failures = Failures,
        Deletes = Deletes, Mkdirs = Mkdirs, Renames = Renames, Other = Other,
    };
}
