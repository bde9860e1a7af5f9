using FtpActors.Protocol;
using LinqToDB;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// A file operation; its key is that of its event, after the time of receipt, which never changes: so the table stands in the order in which it is listed and
/// dropped, and is appended to, without an index for that.
/// </summary>
[Table("file_operation")]
internal sealed record OperationRow : ISummedRow
{
    [Column("received_at"), PrimaryKey(0)] public long ReceivedAt { get; init; }
    [Column("spool", DataType = DataType.Text), PrimaryKey(1), NotNull] public string Spool { get; init; } = "";
    [Column("seq"), PrimaryKey(2)] public long Seq { get; init; }
    [Column("session", DataType = DataType.Text), Nullable] public string? Session { get; init; }
    [Column("handler")] public int Handler { get; init; }
    [Column("kind", DataType = DataType.Text), NotNull] public string Kind { get; init; } = "";
    [Column("host", DataType = DataType.Text), NotNull] public string Host { get; init; } = "";
    [Column("service", DataType = DataType.Text), NotNull] public string Service { get; init; } = "";
    [Column("source", DataType = DataType.Text), NotNull] public string Source { get; init; } = "";
    [Column("user", DataType = DataType.Text), NotNull] public string User { get; init; } = "";
    [Column("remote_host", DataType = DataType.Text), NotNull] public string RemoteHost { get; init; } = "";
    [Column("path", DataType = DataType.Text), NotNull] public string Path { get; init; } = "";
    [Column("path_to", DataType = DataType.Text), Nullable] public string? PathTo { get; init; }
    [Column("path_from", DataType = DataType.Text), Nullable] public string? PathFrom { get; init; }
    [Column("bytes"), Nullable] public long? Bytes { get; init; }
    [Column("seconds"), Nullable] public double? Seconds { get; init; }
    [Column("status", DataType = DataType.Text), NotNull] public string Status { get; init; } = "";
    [Column("started_at"), Nullable] public long? StartedAt { get; init; }
    [Column("flags")] public int Flags { get; init; }
    [Column("sum")] public long Sum { get; init; }

    public static OperationRow Of(FileOperation o) => new()
    {
        Spool = o.Spool, Seq = o.Seq, Session = o.Session, Handler = o.Handler, Kind = Names.Of(o.Kind), Host = o.Host, Service = o.Service,
        Source = o.Source, User = o.User, RemoteHost = o.RemoteHost, Path = o.Path, PathTo = o.PathTo, PathFrom = o.PathFrom, Bytes = o.Bytes,
        Seconds = o.Seconds, Status = Names.Of(o.Status), StartedAt = Times.ToMicroseconds(o.StartedAt),
        ReceivedAt = Times.ToMicroseconds(o.ReceivedAt), Flags = (int)o.Flags,
    };

    public FileOperation ToRecord() => new()
    {
        Spool = Spool, Seq = Seq, Session = Session, Handler = Handler, Kind = EventWords.Kind(Kind), Host = Host, Service = Service,
        Source = Source, User = User, RemoteHost = RemoteHost, Path = Path, PathTo = PathTo, PathFrom = PathFrom, Bytes = Bytes,
        Seconds = Seconds, Status = EventWords.Status(Status), StartedAt = Times.FromMicroseconds(StartedAt),
        ReceivedAt = Times.FromMicroseconds(ReceivedAt), Flags = (EventFlags)Flags,
    };
}
