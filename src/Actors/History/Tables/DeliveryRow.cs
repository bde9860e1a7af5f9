using System.Text.Json;
using LinqToDB;
using LinqToDB.Mapping;

namespace FtpActors.Actors.History.Tables;

/// <summary>A delivery and the journal row that left it so.</summary>
[Table("delivery")]
internal sealed record DeliveryRow : ISummedRow
{
    [Column("id"), PrimaryKey] public long Id { get; init; }
    [Column("handler")] public int Handler { get; init; }
    [Column("row")] public long Row { get; init; }
    [Column("shard")] public int Shard { get; init; }
    [Column("key", DataType = DataType.Text), NotNull] public string Key { get; init; } = "";
    [Column("rule", DataType = DataType.Text), NotNull] public string Rule { get; init; } = "";
    [Column("trigger", DataType = DataType.Text), NotNull] public string Trigger { get; init; } = "";
    [Column("session", DataType = DataType.Text), Nullable] public string? Session { get; init; }
    [Column("ordered")] public int Ordered { get; init; }
    [Column("on_host", DataType = DataType.Text), Nullable] public string? OnHost { get; init; }
    [Column("facts", DataType = DataType.Text), NotNull] public string Facts { get; init; } = "";
    /// <summary>Of the facts, for the filter: "" when they name none.</summary>
    [Column("user", DataType = DataType.Text), NotNull] public string User { get; init; } = "";
    [Column("due_at")] public long DueAt { get; init; }
    [Column("replay", DataType = DataType.Text), Nullable] public string? Replay { get; init; }
    [Column("state", DataType = DataType.Text), NotNull] public string State { get; init; } = "";
    [Column("step")] public int Step { get; init; }
    [Column("attempt")] public int Attempt { get; init; }
    [Column("created_at")] public long CreatedAt { get; init; }
    [Column("finished_at"), Nullable] public long? FinishedAt { get; init; }
    [Column("sum")] public long Sum { get; init; }
    [Column("fixed_sum")] public long FixedSum { get; init; }

    public static IReadOnlyList<string> Fixed { get; } = ["rule", "facts", "user"];

    public static DeliveryRow Of(DeliveryRecord d, int handler, long row) => new()
    {
        Id = d.Id, Handler = handler, Row = row, Shard = d.Shard, Key = d.Delivery.Key, Rule = d.Delivery.Rule, Trigger = d.Delivery.Trigger,
        Session = d.Delivery.Session, Ordered = d.Delivery.Ordered ? 1 : 0, OnHost = d.Delivery.OnHost, Facts = d.Delivery.Facts,
        User = UserOf(d.Delivery.Facts), DueAt = Times.ToMicroseconds(d.Delivery.DueAt), Replay = d.Delivery.Replay,
        State = Words<DeliveryState>.Of(d.State), Step = d.Step, Attempt = d.Attempt,
        CreatedAt = Times.ToMicroseconds(d.CreatedAt), FinishedAt = Times.ToMicroseconds(d.FinishedAt),
    };

    public DeliveryRecord ToRecord() => new(
        Id, Shard, new NewDelivery(Key, Rule, Trigger, Session, Ordered != 0, OnHost, Facts, Times.FromMicroseconds(DueAt), Replay),
        Words<DeliveryState>.Read(State), Step, Attempt, Times.FromMicroseconds(CreatedAt), Times.FromMicroseconds(FinishedAt));

    // Facts that cannot be read belong to nobody; they must not keep all else from being written.
    private static string UserOf(string facts)
    {
        try
        {
            using var document = JsonDocument.Parse(facts);
            return document.RootElement is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty("user", out var user)
                && user.ValueKind == JsonValueKind.String ? user.GetString()! : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }
}
