using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Replay;

/// <summary>
/// The second half of a replay: stored sessions that opened or closed in its time, in the order they opened. Its place is that of the events, above every row: a marker plus
/// the time of opening, up to which all sessions of the handler are done.
/// </summary>
internal sealed class ReplaySessions(ReplayRun run)
{
    /// <summary>Above every row; microseconds since 1970 have 51 bits for centuries to come.</summary>
    public const long AfterAllEvents = 1L << 62;

    private const long MostBytes = 4 << 20;

    private readonly Dictionary<int, List<NewDelivery>> _planned = [];
    private long _bytes;

    public async Task RunAsync(long[] places, CancellationToken cancel)
    {
        var plan = run.Plan;
        // One that ended by its idle limit was last heard of that much earlier.
        var query = new SessionQuery { Since = Earlier(plan.Query.Since, run.Context.Options.IdleLimit), Until = plan.Query.Until };
        var done = 0L;
        await foreach (var session in run.Context.History.QuerySessionsAsync(query, cancel).ConfigureAwait(false))
        {
            var place = AfterAllEvents + ((session.OpenedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
            // Only between two times: sessions that opened together are moved together.
            if (place > done && (_planned.Sum(p => p.Value.Count) >= ReplayRun.MostDeliveries || _bytes >= MostBytes))
                await MoveAsync(done, cancel).ConfigureAwait(false);
            done = place;
            var handler = session.Key.Shard(places.Length);
            if (place > places[handler] && plan.FitsUser(session.User))
                await PlanAsync(handler, session, cancel).ConfigureAwait(false);
        }
        await MoveAsync(done, cancel).ConfigureAwait(false);
    }

    private async Task PlanAsync(int handler, SessionRecord session, CancellationToken cancel)
    {
        var plan = run.Plan;
        // The start of a session names no file, so no filter on paths finds it.
        if (plan.Starts && plan.Query.Path is null && plan.InRange(session.OpenedAt))
            Plan(handler, session, SessionTrigger.Start, []);
        if (!plan.Ends || !plan.InRange(session.ClosedAt))
            return;
        var files = session is { Uploads: 0, Downloads: 0, Failures: 0 } ? []
            : await run.Context.History.ReadFilesAsync(session.Id, Session.MostFiles, cancel).ConfigureAwait(false);
        if (plan.FitsAny(files))
            Plan(handler, session, SessionTrigger.End, files);
    }

    private void Plan(int handler, SessionRecord session, SessionTrigger trigger, IReadOnlyList<SessionFile> files)
    {
        foreach (var rule in run.Plan.Rules.MatchSession(session, trigger, files))
        {
            run.Tally.Matched(rule.Name);
            if (run.Plan.Query.DryRun)
                continue;
            var told = trigger == SessionTrigger.End ? rule.FilesOf(files) : files;
            var owed = Planner.ForSession(rule, session, trigger, told, run.Id);
            if (!_planned.TryGetValue(handler, out var planned))
                _planned.Add(handler, planned = []);
            planned.Add(owed with { Session = ReplayPlan.Line(session.Key, run.Id), DueAt = run.Now });
            _bytes += owed.Facts.Length;
        }
    }

    private async Task MoveAsync(long place, CancellationToken cancel)
    {
        foreach (var (handler, planned) in _planned)
            await run.MoveAsync(handler, place, planned, cancel).ConfigureAwait(false);
        _planned.Clear();
        _bytes = 0;
    }

    private static DateTimeOffset Earlier(DateTimeOffset time, TimeSpan by) => time - DateTimeOffset.MinValue > by ? time - by : DateTimeOffset.MinValue;
}
