using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Trial;

/// <summary>The part of a trial that is about stored sessions and their files.</summary>
internal sealed class SessionTrial(HistoryDatabase history, RuleSet rules, IReadOnlyDictionary<string, RuleHits> hits)
{
    // A session is still asked about when it went silent before the beginning and was ended by its idle limit after it.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(30);

    private readonly Rule[] _ends = [.. rules.Rules.Where(r => r.On.Contains(TriggerKind.SessionEnd))];

    public async Task RunAsync(DateTimeOffset? since, DateTimeOffset? until, CancellationToken cancel)
    {
        if (_ends.Length == 0 && !rules.Awaits(TriggerKind.SessionStart))
            return;
        var query = new SessionQuery { Since = since - LongestIdle, Until = until };
        await foreach (var session in history.QuerySessionsAsync(query, cancel).ConfigureAwait(false))
        {
            if (IsWithin(session.OpenedAt, since, until))
                Count(rules.MatchSession(session, SessionTrigger.Start, []), session, TriggerKind.SessionStart, session.OpenedAt);
            if (_ends.Length > 0 && session.ClosedAt is { } closed && IsWithin(closed, since, until))
                Count(await FittingAsync(session, cancel).ConfigureAwait(false), session, TriggerKind.SessionEnd, closed);
        }
    }

    // The files are read only when a rule still waits for one of them.
    private async Task<IEnumerable<Rule>> FittingAsync(SessionRecord session, CancellationToken cancel)
    {
        var open = _ends.Where(r => !r.MatchesEnd(session, []) && r.MatchesStart(session)).ToList();
        if (open.Count == 0)
            return _ends.Where(r => r.MatchesEnd(session, []));
        var files = await history.ReadFilesAsync(session.Id, Session.MostFiles, cancel).ConfigureAwait(false);
        return _ends.Where(r => r.MatchesEnd(session, files));
    }

    private void Count(IEnumerable<Rule> fitting, SessionRecord session, TriggerKind trigger, DateTimeOffset at)
    {
        foreach (var rule in fitting)
            hits[rule.Name].Add(at, () => new TrialExample(at, TriggerNames.Of(trigger), session.Id, session.User, null));
    }

    private static bool IsWithin(DateTimeOffset at, DateTimeOffset? since, DateTimeOffset? until) =>
        (since is not { } from || at >= from) && (until is not { } to || at < to);
}
