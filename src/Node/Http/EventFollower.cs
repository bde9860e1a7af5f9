using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>
/// Sends one client the history it asked for and then every new event, each once, in the order of the journal. All it keeps is a position;
/// the journal is read after it, page by page, so neither a slow client nor a long history holds memory or a read transaction.
/// <para>It follows one spool, which is all an embedded journal has.</para>
/// </summary>
internal sealed class EventFollower(IJournal journal, FreshSignal fresh, EventQuery query)
{
    public async Task RunAsync(JsonLines lines, CancellationToken cancel)
    {
        // The bell first: what becomes durable between reading and waiting has then rung it.
        using var bell = fresh.Listen();
        var position = await HeadAsync();

        if (query.Since is not null || query.Last is not null)
        {
            // Read after the head, so everything up to the head that matches is in here; what lies above the last of these is read below.
            await foreach (var stored in journal.QueryEventsAsync(query, cancel))
            {
                await lines.WriteAsync(stored, EventJson.WriteFull);
                position = Math.Max(position, stored.Seq);
            }
        }
        // Headers and history reach the client even when nothing new comes.
        await lines.FlushAsync();

        while (true)
        {
            // All events after the position, filtered here: the position must pass those that do not match, too.
            await foreach (var stored in journal.QueryEventsAsync(new EventQuery { AfterSeq = position }, cancel))
            {
                if (EventMatch.Matches(query, stored.Event))
                    await lines.WriteAsync(stored, EventJson.WriteFull);
                position = stored.Seq;
            }
            await lines.FlushAsync();
            await bell.WaitAsync(cancel);
        }
    }

    private async Task<long> HeadAsync() =>
        (await journal.ReadBacklogAsync()).Select(s => s.Head).DefaultIfEmpty(0).Max();
}
