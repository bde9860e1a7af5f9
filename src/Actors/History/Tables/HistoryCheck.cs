using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>
/// Finds what a flipped bit does to a history: it changes a digit of a row (the row's checksum tells), or hides rows (SQLite's own check of pages and indexes tells; PostgreSQL
/// has checksums of its pages).
/// </summary>
internal static class HistoryCheck
{
    /// <summary>Looks at every page and every row.</summary>
    /// <returns>How many rows were looked at.</returns>
    public static long Run(IHistoryStore store, HistoryDamage damage, CancellationToken cancel)
    {
        try
        {
            using var connection = new DataConnection(store.Read);
            HistorySchema.Check(store, connection);
            foreach (var fault in store.FaultsOfPages(connection))
                damage.Note("its pages", fault);
            return Run<SessionRow>(connection, damage, cancel) + Run<OperationRow>(connection, damage, cancel) + Run<DeliveryRow>(connection, damage, cancel)
                + Run<TryRow>(connection, damage, cancel) + Run<IndexRow>(connection, damage, cancel) + Run<PositionRow>(connection, damage, cancel);
        }
        catch (Exception e) when (Readers.IsDamage(e))
        {
            _ = damage.Refuse(e);
            return 0;
        }
    }

    private static long Run<T>(DataConnection connection, HistoryDamage damage, CancellationToken cancel)
        where T : class, ISummedRow
    {
        var rows = 0L;
        foreach (var row in connection.GetTable<T>().AsEnumerable())
        {
            cancel.ThrowIfCancellationRequested();
            rows++;
            _ = damage.Passes(row);
        }
        return rows;
    }
}
