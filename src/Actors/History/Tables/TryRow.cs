using LinqToDB;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>One try of a delivery.</summary>
[Table("delivery_try")]
internal sealed record TryRow : ISummedRow
{
    [Column("delivery"), PrimaryKey(0)] public long Delivery { get; init; }
    [Column("number"), PrimaryKey(1)] public int Number { get; init; }
    [Column("step")] public int Step { get; init; }
    [Column("node", DataType = DataType.Text), NotNull] public string Node { get; init; } = "";
    [Column("started_at")] public long StartedAt { get; init; }
    [Column("ended_at")] public long EndedAt { get; init; }
    [Column("succeeded")] public int Succeeded { get; init; }
    [Column("code"), Nullable] public int? Code { get; init; }
    [Column("summary", DataType = DataType.Text), NotNull] public string Summary { get; init; } = "";
    [Column("first_output", DataType = DataType.Text), NotNull] public string FirstOutput { get; init; } = "";
    [Column("last_output", DataType = DataType.Text), NotNull] public string LastOutput { get; init; } = "";
    [Column("sum")] public long Sum { get; init; }

    public static TryRow Of(long delivery, DeliveryTry t) => new()
    {
        Delivery = delivery, Number = t.Number, Step = t.Step, Node = t.Node, StartedAt = Times.ToMicroseconds(t.StartedAt),
        EndedAt = Times.ToMicroseconds(t.EndedAt), Succeeded = t.Succeeded ? 1 : 0, Code = t.Code, Summary = t.Summary,
        FirstOutput = t.FirstOutput, LastOutput = t.LastOutput,
    };

    public DeliveryTry ToRecord() => new(
        Number, Step, Node, Times.FromMicroseconds(StartedAt), Times.FromMicroseconds(EndedAt), Succeeded != 0, Code, Summary, FirstOutput, LastOutput);
}
