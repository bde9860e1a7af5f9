using System.Runtime.CompilerServices;
using FtpActors.Actors.History.Tables;
using LinqToDB;

namespace FtpActors.Actors.History;

public sealed partial class HistoryDatabase
{
    private readonly Walk<DeliveryRow> _deliveries;

    /// <summary>Deliveries for people, oldest first.</summary>
    public async IAsyncEnumerable<DeliveryRecord> QueryDeliveriesAsync(DeliveryQuery query, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        var start = query.After is { } after ? new DeliveryRow { Id = after } : null;
        await foreach (var row in _deliveries.ReadAsync(rows => Filter(rows, query), query.Last, cancel, start).ConfigureAwait(false))
            yield return row.ToRecord();
    }

    /// <summary>One delivery, null when there is none of that id.</summary>
    public Task<DeliveryRecord?> ReadDeliveryAsync(long id, CancellationToken cancel = default) =>
        _readers.ReadAsync(db => db.GetTable<DeliveryRow>().FirstOrDefault(d => d.Id == id) is { } row && Damage.Passes(row) ? row.ToRecord() : null, cancel);

    /// <summary>The tries of a delivery, oldest first.</summary>
    public Task<IReadOnlyList<DeliveryTry>> ReadTriesAsync(long id, CancellationToken cancel = default) =>
        _readers.ReadAsync<IReadOnlyList<DeliveryTry>>(
            db => [.. db.GetTable<TryRow>().Where(t => t.Delivery == id).OrderBy(t => t.Number).AsEnumerable().Where(Damage.Passes).Select(t => t.ToRecord())], cancel);

    /// <summary>Number of deliveries that a replay has made.</summary>
    public Task<long> CountDeliveriesAsync(string replay, CancellationToken cancel = default) =>
        _readers.ReadAsync(db => db.GetTable<DeliveryRow>().LongCount(d => d.Replay == replay), cancel);

    /// <summary>Number of deliveries by rule and state.</summary>
    public Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> CountDeliveriesAsync(CancellationToken cancel = default) =>
        _readers.ReadAsync<IReadOnlyList<(string, DeliveryState, long)>>(
            db => [.. db.GetTable<DeliveryRow>().GroupBy(d => new { d.Rule, d.State })
                .Select(g => new { g.Key.Rule, g.Key.State, Count = g.LongCount() })
                .AsEnumerable()
                .Select(g => (g.Rule, Words<DeliveryState>.Read(g.State), g.Count))],
            cancel);

    private static IQueryable<DeliveryRow> Filter(IQueryable<DeliveryRow> rows, DeliveryQuery query)
    {
        if (query.Ids is { } ids)
            rows = rows.Where(d => ids.Contains(d.Id));
        if (query.State is { } state)
        {
            var word = Words<DeliveryState>.Of(state);
            rows = rows.Where(d => d.State == word);
        }
        if (Times.ToMicroseconds(query.Since) is { } since)
            rows = rows.Where(d => d.CreatedAt >= since);
        if (Times.ToMicroseconds(query.Until) is { } until)
            rows = rows.Where(d => d.CreatedAt < until);
        return rows.WhereText(query.Rule, nameof(DeliveryRow.Rule)).WhereText(query.User, nameof(DeliveryRow.User))
            .WhereText(query.Replay, nameof(DeliveryRow.Replay));
    }

    private Walk<DeliveryRow> DeliveriesInOrder() => new(
        _readers, Damage, rows => rows.OrderBy(d => d.Id), rows => rows.OrderByDescending(d => d.Id), (rows, place) => rows.Where(d => d.Id > place.Id));
}
