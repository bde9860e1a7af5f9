using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;

namespace FtpActors.Actors.Replay;

/// <summary>
/// The second half of a replay: stored sessions that opened or closed in its time, in the order they opened. Its position shares the place of
/// the events' one, above every seq: a marker plus the time of opening, up to which all sessions of the shard are done.
/// </summary>
internal sealed class ReplaySessions(ReplayRun run, string spool)
{
    // Above every seq; microseconds since 1970 have 51 bits for centuries to come.
    private const long AfterAllEvents = 1L << 62;
    private const long MostBytes = 4 << 20;

    private readonly List<(int Shard, NewDelivery Delivery)> _planned = [];
    private readonly Dictionary<int, long> _matched = [];
    private long _bytes;

    public async Task RunAsync(Func<int, long> position, CancellationToken cancel)
    {
        var plan = run.Plan;
        // One that ended by its idle limit was last heard of that much earlier.
        var query = new SessionQuery { Since = Earlier(plan.Query.Since, run.Options.IdleLimit), Until = plan.Query.Until };
        var done = 0L;
        await foreach (var session in run.Journal.QuerySessionsAsync(query, cancel).ConfigureAwait(false))
        {
            var place = AfterAllEvents + ((session.OpenedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            // Only between two times: sessions that opened together are moved together.
            if (place > done && (_planned.Count >= ReplayRun.MostDeliveries || _bytes >= MostBytes))
                await MoveAsync(done, cancel).ConfigureAwait(false);
            done = place;
            var shard = session.Key.Shard(run.Journal.Shards);
            if (place > position(shard) && plan.FitsUser(session.User))
                await PlanAsync(shard, session).ConfigureAwait(false);
        }
        await MoveAsync(done, cancel).ConfigureAwait(false);
    }

    private async Task PlanAsync(int shard, SessionRecord session)
    {
        var plan = run.Plan;
        // The start of a session names no file, so no filter on paths finds it.
        if (plan.Starts && plan.Query.Path is null && plan.InRange(session.OpenedAt))
            Plan(shard, session, SessionTrigger.Start, []);
        if (!plan.Ends || !plan.InRange(session.ClosedAt))
            return;
        var files = session is { Uploads: 0, Downloads: 0, Failures: 0 } ? []
            : await DeliveryPlanner.ReadFilesAsync(run.Journal, shard, session).ConfigureAwait(false);
        if (plan.FitsAny(files))
            Plan(shard, session, SessionTrigger.End, files);
    }

    private void Plan(int shard, SessionRecord session, SessionTrigger trigger, IReadOnlyList<SessionFile> files)
    {
        foreach (var rule in run.Plan.Rules.MatchSession(session, trigger, files))
        {
            run.Tally.Matched(rule.Name);
            _matched[shard] = _matched.GetValueOrDefault(shard) + 1;
            if (run.Plan.Query.DryRun)
                continue;
            var told = trigger == SessionTrigger.End ? rule.FilesOf(files) : files;
            var owed = DeliveryPlanner.ForSession(rule, session, trigger, told, run.Id);
            _planned.Add((shard, owed with { Session = ReplayPlan.Line(session.Key, run.Id), DueAt = run.Now }));
            _bytes += owed.Facts.Length;
        }
    }

    private async Task MoveAsync(long place, CancellationToken cancel)
    {
        foreach (var (shard, matched) in _matched)
        {
            var owed = _planned.Where(p => p.Shard == shard).Select(p => p.Delivery).ToList();
            await run.MoveAsync(new ReplayMove(run.Id, shard, spool, place, 0, matched, owed), cancel).ConfigureAwait(false);
        }
        _matched.Clear();
        _planned.Clear();
        _bytes = 0;
    }

    private static DateTimeOffset Earlier(DateTimeOffset time, TimeSpan by) => time - DateTimeOffset.MinValue > by ? time - by : DateTimeOffset.MinValue;
}
