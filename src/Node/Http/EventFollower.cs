using System.Globalization;
using FtpActors.Actors;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Reading;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>
/// Sends one client the history it asked for and then every new event, each once, those of one session in their order. All it keeps is a row per handler; the journals are read
/// after them, so neither a slow client nor a long history holds memory or a read transaction.
/// </summary>
internal sealed class EventFollower(Engine engine, FreshSignal fresh, RecentRows recent, EventQuery query)
{
    /// <summary>The rows of an id that <see cref="RunAsync"/> gave; null when there is none.</summary>
    /// <exception cref="BadQueryException">It is none of this node.</exception>
    public static long[]? RowsOf(string? id, int handlers)
    {
        if (string.IsNullOrEmpty(id))
            return null;
        var rows = id.Split('-').Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? row : -1).ToArray();
        return rows.Length == handlers && !rows.Contains(-1) ? rows : throw new BadQueryException($"'Last-Event-ID: {id}' is none of this stream; leave it out to begin anew.");
    }

    /// <summary>Runs until it is cancelled.</summary>
    /// <param name="stream">The client.</param>
    /// <param name="rows">The row of each handler after which it goes on; null for one that begins, with the history it asked for.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task RunAsync(EventStream stream, long[]? rows, CancellationToken cancel)
    {
        // The bell first: what becomes durable between reading and waiting has then rung it.
        using var bell = fresh.Listen();
        if (rows is null)
        {
            rows = [.. (await engine.Handlers.ReadStatusAsync()).Select(s => s.Row)];
            if (query.Since is not null || query.Last is not null)
            {
                await foreach (var stored in engine.Events.QueryAsync(query, rows, cancel))
                    await stream.WriteAsync(stored, EventJson.WriteFull);
            }
        }
        // Headers and history reach the client even when nothing new comes.
        stream.Mark(IdOf(rows));
        await stream.FlushAsync();

        while (true)
        {
            var had = rows.Sum();
            foreach (var stored in await ReadNewAsync(rows, cancel))
                await stream.WriteAsync(stored, EventJson.WriteFull);
            if (rows.Sum() != had)
            {
                stream.Mark(IdOf(rows));
                await stream.FlushAsync();
            }
            else if (!await bell.RingsAsync(EventStream.Beat, cancel))
            {
                await stream.BeatAsync();
            }
        }
    }

    private static string IdOf(long[] rows) => string.Join('-', rows.Select(row => row.ToString(CultureInfo.InvariantCulture)));

    // What came together is told in the order it was read from the server. Bound: a row of each handler at a time.
    private async Task<IEnumerable<StoredEvent>> ReadNewAsync(long[] rows, CancellationToken cancel)
    {
        var found = new List<StoredEvent>();
        for (var handler = 0; handler < rows.Length; handler++)
        {
            while (await recent.NextAsync(handler, rows[handler], cancel) is { } next)
            {
                rows[handler] = next.Row;
                if (next.Fact is not EventsTaken taken)
                    continue;
                found.AddRange(taken.Parts.SelectMany(p => p.Events).Where(e => EventMatch.Matches(query, e.Event) && !IsTold(handler, e.Event)));
                break;
            }
        }
        return found.OrderBy(e => e.Spool, StringComparer.Ordinal).ThenBy(e => e.Seq);
    }

    // The restart of a server stands in every handler.
    private static bool IsTold(int handler, FtpEvent e) => handler > 0 && e.Flags.HasFlag(EventFlags.ServerRestart);
}
