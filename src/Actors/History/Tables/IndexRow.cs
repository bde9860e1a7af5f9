using LinqToDB;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>Which events of a spool a journal row holds.</summary>
[Table("row_index")]
internal sealed record IndexRow : ISummedRow
{
    [Column("handler"), PrimaryKey(0)] public int Handler { get; init; }
    [Column("row"), PrimaryKey(1)] public long Row { get; init; }
    [Column("spool", DataType = DataType.Text), PrimaryKey(2), NotNull] public string Spool { get; init; } = "";
    [Column("first_seq")] public long FirstSeq { get; init; }
    [Column("last_seq")] public long LastSeq { get; init; }
    [Column("count")] public int Count { get; init; }
    [Column("first_received_at")] public long FirstReceivedAt { get; init; }
    [Column("last_received_at")] public long LastReceivedAt { get; init; }
    [Column("sum")] public long Sum { get; init; }

    public static IndexRow Of(RowIndex i) => new()
    {
        Handler = i.Handler, Row = i.Row, Spool = i.Spool, FirstSeq = i.FirstSeq, LastSeq = i.LastSeq, Count = i.Count,
        FirstReceivedAt = Times.ToMicroseconds(i.FirstReceivedAt), LastReceivedAt = Times.ToMicroseconds(i.LastReceivedAt),
    };

    public RowIndex ToRecord() => new(
        Handler, Row, Spool, FirstSeq, LastSeq, Count, Times.FromMicroseconds(FirstReceivedAt), Times.FromMicroseconds(LastReceivedAt));
}
