using FtpActors.Actors.Deliveries;
using FtpActors.Actors.History;
using FtpActors.Actors.Reading;
using FtpActors.Protocol;

namespace FtpActors.Actors.Replay;

/// <summary>
/// A replay's way through the events of one handler, in the order of its rows. Duplicates of UDP are known by the windows of the live way; what UDP reordered stays as it came.
/// </summary>
internal sealed class ReplayWalk(ReplayRun run, int handler)
{
    // A place by itself is a row of the journal; most of a replay matches nothing, and reading so many events again after a kill takes a second.
    private const int EventsBetweenMoves = 200_000;

    private readonly StoredEventsReader _reader = new(run.Context.Journals);
    private readonly List<NewDelivery> _planned = [];
    private readonly Dictionary<string, DuplicateWindow> _windows = new(StringComparer.Ordinal);
    private long _read;
    private long _moved;

    public async Task RunAsync(long after, CancellationToken cancel)
    {
        if (after >= ReplaySessions.AfterAllEvents)
            return;
        _moved = after;
        var row = after;
        await foreach (var page in _reader.ScanAsync(handler, after, run.Plan.Scan, cancel).ConfigureAwait(false))
        {
            foreach (var stored in page.Events)
                await PlanAsync(stored, cancel).ConfigureAwait(false);
            row = page.Row;
            _read += page.Read;
            run.Tally.Read(page.Read);
            if (_planned.Count >= ReplayRun.MostDeliveries || (_read >= EventsBetweenMoves && !run.Plan.Query.DryRun))
                await MoveAsync(row, cancel).ConfigureAwait(false);
        }
        if (row > _moved && !run.Plan.Query.DryRun)
            await MoveAsync(row, cancel).ConfigureAwait(false);
    }

    private async Task PlanAsync(StoredEvent stored, CancellationToken cancel)
    {
        var rules = run.Plan.Match(stored.Event);
        if (rules.Count == 0 || await IsDuplicateAsync(stored, cancel).ConfigureAwait(false))
            return;
        foreach (var rule in rules)
        {
            run.Tally.Matched(rule.Name);
            // Due now, not at the time of the event: deliveries of live events that wait already come first.
            if (!run.Plan.Query.DryRun)
                _planned.Add(Planner.ForEvent(rule, stored, ReplayPlan.Line(SessionKey.Of(stored.Event), run.Id), run.Id) with { DueAt = run.Now });
        }
    }

    private async Task MoveAsync(long row, CancellationToken cancel)
    {
        await run.MoveAsync(handler, row, [.. _planned], cancel).ConfigureAwait(false);
        _planned.Clear();
        (_moved, _read) = (row, 0);
    }

    // Only what matched is looked at: a duplicate matches as its first copy did.
    private async ValueTask<bool> IsDuplicateAsync(StoredEvent stored, CancellationToken cancel)
    {
        if (stored.Event.Fingerprint is null)
            return false;
        if (!_windows.TryGetValue(stored.Spool, out var window))
        {
            _windows.Add(stored.Spool, window = new DuplicateWindow(run.Context.Options.ShortDuplicateWindow, run.Context.Options.LongDuplicateWindow));
            // Twice the long window, as in a handler: a duplicate must not open a window of its own.
            var since = stored.Event.ReceivedAt - (2 * run.Context.Options.LongDuplicateWindow);
            var before = new IndexQuery { Handler = handler, Spool = stored.Spool, Since = since, ToSeq = stored.Seq - 1 };
            await foreach (var (_, taken) in run.Context.Journals.FindAsync(before, cancel).ConfigureAwait(false))
            {
                foreach (var each in taken.Parts.Where(p => p.Spool == stored.Spool).SelectMany(p => p.Events))
                {
                    if (each.Seq < stored.Seq && each.Event.ReceivedAt >= since && each.Event.Fingerprint is not null)
                        window.IsDuplicate(each.Event);
                }
            }
        }
        return window.IsDuplicate(stored.Event);
    }
}
