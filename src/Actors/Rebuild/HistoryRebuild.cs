using FtpActors.Actors.History;
using FtpActors.Actors.Reading;

namespace FtpActors.Actors.Rebuild;

/// <summary>The sessions of the history, made anew from the journal and compared; handler by handler, beside their work.</summary>
/// <param name="journals">The journals.</param>
/// <param name="history">The history.</param>
/// <param name="options">Windows and limits of the handlers.</param>
public sealed class HistoryRebuild(HandlerJournals journals, HistoryDatabase history, ShardOptions options)
{
    /// <summary>Looks for differences, and puts them right when told so.</summary>
    /// <param name="apply">Put them right.</param>
    /// <param name="keptSince">Sessions that ended before this have left the history by retention; null when none have.</param>
    /// <param name="cancel">Ends it; handlers that are done stay done.</param>
    public async Task<RebuildReport> RunAsync(bool apply, DateTimeOffset? keptSince, CancellationToken cancel)
    {
        var all = RebuildReport.Empty;
        for (var handler = 0; handler < journals.Count; handler++)
            all = all.Plus(await RunAsync(handler, apply, keptSince, cancel).ConfigureAwait(false));
        return all;
    }

    private async Task<RebuildReport> RunAsync(int handler, bool apply, DateTimeOffset? keptSince, CancellationToken cancel)
    {
        var row = await history.ReadPositionAsync(handler, cancel).ConfigureAwait(false);
        var rebuild = new HandlerRebuild(handler, journals, options);
        await rebuild.ApplyAsync(row, cancel).ConfigureAwait(false);
        // What the handler changed meanwhile is no difference.
        await foreach (var (session, changedBy) in history.ReadSessionsAsync(handler, cancel).ConfigureAwait(false))
            rebuild.See(session, isLater: changedBy > row);
        var (report, wrong, extra) = rebuild.Compare(keptSince);
        if (!apply || wrong.Count + extra.Count == 0)
            return report with { Applied = apply };
        await history.ReplaceSessionsAsync(handler, row, wrong, extra).ConfigureAwait(false);
        return report with { Applied = true };
    }
}
