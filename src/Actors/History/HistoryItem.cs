
namespace FtpActors.Actors.History;

/// <summary>
/// What one journal row of one handler adds to the history. A handler hands its items over in the order of its rows. What is in an item must not
/// change any more: it is written later, perhaps more than once.
/// </summary>
/// <param name="Handler">Number of the handler.</param>
/// <param name="Row">Sequence number of the handler's journal row.</param>
public sealed record HistoryItem(int Handler, long Row)
{
    /// <summary>Sessions as this row left them.</summary>
    public IReadOnlyList<SessionRecord> Sessions { get; init; } = [];
    /// <summary>What was done to files in this row.</summary>
    public IReadOnlyList<FileOperation> Operations { get; init; } = [];
    /// <summary>Deliveries as this row left them.</summary>
    public IReadOnlyList<DeliveryRecord> Deliveries { get; init; } = [];
    /// <summary>Tries that this row tells of, each with the id of its delivery.</summary>
    public IReadOnlyList<(long Delivery, DeliveryTry Try)> Tries { get; init; } = [];
    /// <summary>Which events the row holds, one entry for each spool.</summary>
    public IReadOnlyList<RowIndex> Index { get; init; } = [];

    /// <summary>It is a part of one, and does not move its handler's position.</summary>
    public bool IsPart { get; init; }

    /// <summary>What it adds, one by one, each with what it is called; without the position.</summary>
    internal IEnumerable<(string Place, object Content, HistoryItem Part)> Parts()
    {
        foreach (var session in Sessions)
            yield return ($"session {session.Id}", session, new HistoryItem(Handler, Row) { IsPart = true, Sessions = [session] });
        foreach (var operation in Operations)
            yield return ($"file operation {operation.Spool}/{operation.Seq}", operation, new HistoryItem(Handler, Row) { IsPart = true, Operations = [operation] });
        foreach (var delivery in Deliveries)
            yield return ($"delivery {delivery.Id}", delivery, new HistoryItem(Handler, Row) { IsPart = true, Deliveries = [delivery] });
        foreach (var done in Tries)
            yield return ($"try {done.Try.Number} of delivery {done.Delivery}", done.Try, new HistoryItem(Handler, Row) { IsPart = true, Tries = [done] });
        foreach (var index in Index)
            yield return ($"index of row {index.Row}", index, new HistoryItem(Handler, Row) { IsPart = true, Index = [index] });
    }

    /// <summary>How many table rows it makes, its handler's position included.</summary>
    public int Size => Sessions.Count + Operations.Count + Deliveries.Count + Tries.Count + Index.Count + 1;
}
