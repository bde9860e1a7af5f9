using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>The connection that writes, with its prepared statements. For one caller at a time.</summary>
internal sealed class TableWriter(IHistoryStore store, DataConnection connection) : IDisposable
{
    private readonly IUpsert<SessionRow> _sessions = store.Upsert<SessionRow>(connection, newest: "row");
    private readonly IUpsert<OperationRow> _operations = store.Upsert<OperationRow>(connection);
    private readonly IUpsert<DeliveryRow> _deliveries = store.Upsert<DeliveryRow>(connection, newest: "row");
    private readonly IUpsert<TryRow> _tries = store.Upsert<TryRow>(connection);
    private readonly IUpsert<IndexRow> _index = store.Upsert<IndexRow>(connection);
    private readonly IUpsert<PositionRow> _positions = store.Upsert<PositionRow>(connection, newest: "row");

    /// <summary>For what is not written row by row.</summary>
    public DataConnection Connection { get; } = connection;

    /// <summary>Writes items, within a transaction of the connection.</summary>
    public void Write(IReadOnlyList<HistoryItem> items)
    {
        WriteSessions(items);
        foreach (var item in items)
        {
            foreach (var operation in item.Operations)
                _operations.Run(OperationRow.Of(operation));
            foreach (var delivery in item.Deliveries)
                _deliveries.Run(DeliveryRow.Of(delivery, item.Handler, item.Row));
            foreach (var (delivery, done) in item.Tries)
                _tries.Run(TryRow.Of(delivery, done));
            foreach (var entry in item.Index)
                _index.Run(IndexRow.Of(entry));
            if (!item.IsPart)
                _positions.Run(new PositionRow { Handler = item.Handler, Row = item.Row });
        }
        _operations.Flush();
        _deliveries.Flush();
        _tries.Flush();
        _index.Flush();
        _positions.Flush();
    }

    /// <summary>Writes only the sessions of items.</summary>
    public void WriteSessions(params IReadOnlyList<HistoryItem> items)
    {
        // A busy session is in many items of a transaction, and its row is the widest: only what stays is written.
        var last = new Dictionary<string, (SessionRecord Session, HistoryItem Item)>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            foreach (var session in item.Sessions)
            {
                if (!last.TryGetValue(session.Id, out var known) || item.Row >= known.Item.Row)
                    last[session.Id] = (session, item);
            }
        }
        foreach (var (session, item) in last.Values)
            _sessions.Run(SessionRow.Of(session, item.Handler, item.Row));
        _sessions.Flush();
    }

    /// <summary>Writes rows that were there under another journal row.</summary>
    public void Write(IReadOnlyList<SessionRow> sessions, IReadOnlyList<DeliveryRow> deliveries, PositionRow position)
    {
        foreach (var session in sessions)
            _sessions.Run(session);
        foreach (var delivery in deliveries)
            _deliveries.Run(delivery);
        _positions.Run(position);
        _sessions.Flush();
        _deliveries.Flush();
        _positions.Flush();
    }

    public void Dispose()
    {
        _sessions.Dispose();
        _operations.Dispose();
        _deliveries.Dispose();
        _tries.Dispose();
        _index.Dispose();
        _positions.Dispose();
        Connection.Dispose();
    }
}
