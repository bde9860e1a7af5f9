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
internal sealed class EventFollower(Engine engine, FreshSignal fresh, EventQuery query)
{
    public async Task RunAsync(JsonLines lines, CancellationToken cancel)
    {
        // The bell first: what becomes durable between reading and waiting has then rung it.
        using var bell = fresh.Listen();
        var rows = (await engine.Handlers.ReadStatusAsync()).Select(s => s.Row).ToArray();
        if (query.Since is not null || query.Last is not null)
        {
            await foreach (var stored in engine.Events.QueryAsync(query, rows, cancel))
                await lines.WriteAsync(stored, EventJson.WriteFull);
        }
        // Headers and history reach the client even when nothing new comes.
        await lines.FlushAsync();

        while (true)
        {
            var had = rows.Sum();
            foreach (var stored in await ReadNewAsync(rows, cancel))
                await lines.WriteAsync(stored, EventJson.WriteFull);
            await lines.FlushAsync();
            if (rows.Sum() == had)
                await bell.WaitAsync(cancel);
        }
    }

    // What came together is told in the order it was read from the server. Bound: a row of each handler at a time.
    private async Task<IEnumerable<StoredEvent>> ReadNewAsync(long[] rows, CancellationToken cancel)
    {
        var found = new List<StoredEvent>();
        for (var handler = 0; handler < rows.Length; handler++)
        {
            await foreach (var (row, fact) in engine.Journals.ReadAsync(handler, rows[handler], long.MaxValue, cancel))
            {
                rows[handler] = row;
                if (fact is not EventsTaken taken)
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
