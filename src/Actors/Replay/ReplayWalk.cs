using FtpActors.Actors.Deliveries;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors.Replay;

/// <summary>
/// A replay's way through the events of one shard and spool, in the order they came. Duplicates of UDP are known by the windows of the live
/// way; what UDP reordered stays as it came.
/// </summary>
internal sealed class ReplayWalk(ReplayRun run, int shard, string spool)
{
    // A move is a transaction with an fsync; most of a replay matches nothing, and reading so many events again after a kill takes a second.
    private const int EventsBetweenMoves = 200_000;

    private readonly List<NewDelivery> _planned = [];
    private readonly DuplicateWindow _window = new(run.Options.ShortDuplicateWindow, run.Options.LongDuplicateWindow);
    private bool _windowIsKnown;
    private long _read;
    private long _matched;
    private long _moved;

    public async Task RunAsync(long after, CancellationToken cancel)
    {
        _moved = after;
        var seq = after;
        await foreach (var page in run.Replays.ScanAsync(shard, spool, after, run.Plan.Scan, cancel).ConfigureAwait(false))
        {
            foreach (var stored in page.Events)
            {
                var rules = run.Plan.Match(stored.Event);
                if (rules.Count == 0 || await IsDuplicateAsync(stored).ConfigureAwait(false))
                    continue;
                foreach (var rule in rules)
                {
                    _matched++;
                    run.Tally.Matched(rule.Name);
                    if (!run.Plan.Query.DryRun)
                        _planned.Add(Owed(rule, stored));
                }
                // The last of the page is moved with the page, which counts its events.
                if (_planned.Count >= ReplayRun.MostDeliveries && stored.Seq < page.Seq)
                    await MoveAsync(stored.Seq, cancel).ConfigureAwait(false);
            }
            seq = page.Seq;
            _read += page.Read;
            run.Tally.Read(page.Read);
            if (_planned.Count > 0 || (_read >= EventsBetweenMoves && !run.Plan.Query.DryRun))
                await MoveAsync(seq, cancel).ConfigureAwait(false);
        }
        // A dry run moves only here: what it counts by rule is in memory, so after a kill of the node it begins anew.
        if (seq > _moved)
            await MoveAsync(seq, cancel).ConfigureAwait(false);
    }

    // Due now, not at the time of the event: deliveries of live events that wait already come first.
    private NewDelivery Owed(Rules.Rule rule, StoredEvent stored) =>
        DeliveryPlanner.ForEvent(rule, stored, ReplayPlan.Line(SessionKey.Of(stored.Event), run.Id), run.Id) with { DueAt = run.Now };

    private async Task MoveAsync(long seq, CancellationToken cancel)
    {
        await run.MoveAsync(new ReplayMove(run.Id, shard, spool, seq, _read, _matched, [.. _planned]), cancel).ConfigureAwait(false);
        _planned.Clear();
        (_moved, _read, _matched) = (seq, 0, 0);
    }

    // Only what matched is looked at: a duplicate matches as its first copy did.
    private async ValueTask<bool> IsDuplicateAsync(StoredEvent stored)
    {
        if (stored.Event.Fingerprint is null)
            return false;
        if (!_windowIsKnown)
        {
            _windowIsKnown = true;
            // Twice the long window, as when a shard is taken: a duplicate must not open a window of its own.
            var since = stored.Event.ReceivedAt - (2 * run.Options.LongDuplicateWindow);
            foreach (var before in await run.Journal.ReadShardSinceAsync(shard, spool, since, stored.Seq - 1).ConfigureAwait(false))
            {
                if (before.Event.Fingerprint is not null)
                    _window.IsDuplicate(before.Event);
            }
        }
        return _window.IsDuplicate(stored.Event);
    }
}
