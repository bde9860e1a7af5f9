using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>
/// Sends one client the history it asked for and then every new event, each once, those of one spool in their order. All it keeps is a position per
/// spool; the journal is read after them, page by page, so neither a slow client nor a long history holds memory or a read transaction. A spool
/// that appears meanwhile (a host that joined) is followed from its first event.
/// </summary>
internal sealed class EventFollower(IJournal journal, FreshSignal fresh, EventQuery query)
{
    // One number per spool that has ever appended to the journal.
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);

    public async Task RunAsync(JsonLines lines, CancellationToken cancel)
    {
        // The bell first: what becomes durable between reading and waiting has then rung it.
        using var bell = fresh.Listen();
        foreach (var shard in await journal.ReadBacklogAsync())
            Reach(shard.Spool, shard.Head);

        if (query.Since is not null || query.Last is not null)
        {
            // Read after the heads, so everything up to them that matches is in here; what lies above the last of these is read below.
            await foreach (var stored in journal.QueryEventsAsync(query, cancel))
            {
                await lines.WriteAsync(stored, EventJson.WriteFull);
                Reach(stored.Spool, stored.Seq);
            }
        }
        // Headers and history reach the client even when nothing new comes.
        await lines.FlushAsync();

        while (true)
        {
            // All events after the positions, filtered here: the positions must pass those that do not match, too.
            var after = new Dictionary<string, long>(_positions, StringComparer.Ordinal);
            await foreach (var stored in journal.QueryEventsAsync(new EventQuery { After = after }, cancel))
            {
                if (EventMatch.Matches(query, stored.Event))
                    await lines.WriteAsync(stored, EventJson.WriteFull);
                Reach(stored.Spool, stored.Seq);
            }
            await lines.FlushAsync();
            await bell.WaitAsync(cancel);
        }
    }

    private void Reach(string spool, long seq) => _positions[spool] = Math.Max(seq, _positions.GetValueOrDefault(spool));
}
