using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;
using FtpActors.Actors.Stored;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Reading;

/// <summary>The rows of the handlers' journals, by Persistence.Query and the history's index: beside the handlers' own work, and without their help. Safe from any thread.</summary>
public sealed class HandlerJournals
{
    // Rows that are read ahead of the reader, of each handler.
    private const int Ahead = 16;

    private readonly JournalServers _servers;
    private readonly SqlReadJournal[] _journals;
    private readonly HistoryDatabase _history;
    private readonly IMaterializer _materializer;
    private readonly ILoggingAdapter _log;

    /// <param name="system">Runs the streams.</param>
    /// <param name="history">Knows in which row a time is.</param>
    /// <param name="count">Number of handlers.</param>
    /// <param name="servers">Where the journals are.</param>
    public HandlerJournals(ActorSystem system, HistoryDatabase history, int count, JournalServers servers)
    {
        (_history, Count, _servers, _log) = (history, count, servers, Logging.GetLogger(system, typeof(HandlerJournals)));
        _journals = [.. Enumerable.Range(0, servers.Count).Select(server => PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(JournalServers.ReadPluginOf(server)))];
        _materializer = system.Materializer();
    }

    /// <summary>Number of handlers.</summary>
    public int Count { get; }

    /// <summary>Rows of a handler in their order. One that cannot be read is left out, and logged.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="after">The row before the first.</param>
    /// <param name="upTo">The last row; <see cref="long.MaxValue"/> for all that there are now.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="JournalUnavailableException">The rows lie in a damaged part of the file.</exception>
    public async IAsyncEnumerable<JournalRow> ReadAsync(int handler, long after, long upTo, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (after >= upTo)
            yield break;
        var rows = _journals[_servers.Of(handler)].CurrentEventsByPersistenceId(HandlerContext.PersistenceIdOf(handler), after + 1, upTo)
            .Buffer(Ahead, OverflowStrategy.Backpressure)
            .RunAsAsyncEnumerable(_materializer);
        await using var reader = rows.GetAsyncEnumerator(cancel);
        while (await MoveAsync(reader, handler).ConfigureAwait(false))
        {
            var envelope = reader.Current;
            if (envelope.Event is DamagedRow damaged)
                _log.Error("Row {0} of handler {1} cannot be read, so what it held is left out: {2}. 'ftpactors journal check' says more.", envelope.SequenceNr, handler, damaged.Reason);
            if (envelope.Event is HandlerFact fact)
                yield return new JournalRow(envelope.SequenceNr, fact);
        }
    }

    /// <summary>Rows of events of a handler that may hold what is asked for: those that the index names, then all that the index does not know yet.</summary>
    /// <param name="query">What is asked for; with the handler.</param>
    /// <param name="cancel">Ends it.</param>
    public async IAsyncEnumerable<(long Row, EventsTaken Taken)> FindAsync(IndexQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var handler = query.Handler ?? throw new ArgumentException("A handler is needed.", nameof(query));
        var indexed = await _history.ReadPositionAsync(handler, cancel).ConfigureAwait(false);
        await foreach (var (first, last) in RangesAsync(query, indexed, cancel).ConfigureAwait(false))
        {
            await foreach (var row in ReadAsync(handler, first - 1, last, cancel).ConfigureAwait(false))
            {
                if (row.Fact is EventsTaken taken)
                    yield return (row.Row, taken);
            }
        }
        await foreach (var row in ReadAsync(handler, Math.Max(indexed, query.AfterRow ?? 0), query.UpToRow ?? long.MaxValue, cancel).ConfigureAwait(false))
        {
            if (row.Fact is EventsTaken taken)
                yield return (row.Row, taken);
        }
    }

    /// <summary>Seq of the last event of each spool, as far as the journals have it.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadEndsAsync(CancellationToken cancel)
    {
        // Before the index is asked: what it gets meanwhile is read twice, not left out.
        var indexed = new long[Count];
        for (var handler = 0; handler < Count; handler++)
            indexed[handler] = await _history.ReadPositionAsync(handler, cancel).ConfigureAwait(false);
        var ends = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (spool, seq) in await _history.ReadSpoolEndsAsync(cancel).ConfigureAwait(false))
            ends[spool] = seq;
        for (var handler = 0; handler < Count; handler++)
        {
            await foreach (var row in ReadAsync(handler, indexed[handler], long.MaxValue, cancel).ConfigureAwait(false))
            {
                foreach (var part in (row.Fact as EventsTaken)?.Parts.Where(p => p.Events.Count > 0) ?? [])
                    ends[part.Spool] = Math.Max(part.Events[^1].Seq, ends.GetValueOrDefault(part.Spool));
            }
        }
        return ends;
    }

    private static async Task<bool> MoveAsync(IAsyncEnumerator<EventEnvelope> reader, int handler)
    {
        try
        {
            return await reader.MoveNextAsync().ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw new JournalUnavailableException($"The journal of handler {handler} cannot be read here ({e.Message.TrimEnd('.')}). 'ftpactors journal check' says what is damaged and the way out.", e);
        }
    }

    // Rows that follow on each other are one question to the journal.
    private async IAsyncEnumerable<(long First, long Last)> RangesAsync(IndexQuery query, long indexed, [EnumeratorCancellation] CancellationToken cancel)
    {
        // A row of deliveries between two of events is read with them: it is cheaper than another question.
        const int gap = 16;
        var (first, last) = (0L, -1L);
        await foreach (var row in _history.ReadIndexAsync(query, cancel).ConfigureAwait(false))
        {
            if (row.Row > indexed)
                break;
            if (last >= 0 && row.Row > last + gap)
            {
                yield return (first, last);
                first = row.Row;
            }
            else if (last < 0)
            {
                first = row.Row;
            }
            last = row.Row;
        }
        if (last >= 0)
            yield return (first, last);
    }
}
