using FtpActors.Actors.History;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol;

namespace FtpActors.Actors.Handlers;

/// <summary>What the rows of a handler add to the history: pure.</summary>
internal static class HistoryItems
{
    /// <summary>Of a row of events.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="work">What the row meant for the sessions.</param>
    /// <param name="taken">The row.</param>
    /// <param name="sessions">The sessions it changed.</param>
    public static HistoryItem Of(int handler, RowWork work, EventsTaken taken, IEnumerable<SessionSnapshot> sessions) => new(handler, work.Row)
    {
        Sessions = [.. sessions.Select(s => s.Record)],
        Operations = [.. work.Applied.Select(a => FileOperation.Of(a.Stored, a.Session, handler)).OfType<FileOperation>()],
        // A row may hold a spool in several parts, with another one between them: they are one entry.
        Index = [.. taken.Parts.Where(p => p.Events.Count > 0).GroupBy(p => p.Spool, StringComparer.Ordinal).Select(g => IndexOf(handler, work.Row, g.Key, [.. g.SelectMany(p => p.Events)]))],
    };

    /// <summary>Of a row that is about deliveries.</summary>
    public static HistoryItem Of(int handler, long row, IReadOnlyList<DeliveryRecord> deliveries, DeliveryTried? tried = null) => new(handler, row)
    {
        Deliveries = deliveries,
        Tries = tried is null ? [] : [(tried.Id, tried.Try)],
    };

    private static RowIndex IndexOf(int handler, long row, string spool, IReadOnlyList<StoredEvent> events)
    {
        var (first, last) = (events[0].Event.ReceivedAt, events[0].Event.ReceivedAt);
        foreach (var stored in events)
        {
            var at = stored.Event.ReceivedAt;
            first = at < first ? at : first;
            last = at > last ? at : last;
        }
        return new RowIndex(handler, row, spool, events[0].Seq, events[^1].Seq, events.Count, first, last);
    }
}
