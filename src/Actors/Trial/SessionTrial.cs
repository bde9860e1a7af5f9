using System.Globalization;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors.Trial;

/// <summary>
/// The part of a trial that is about stored sessions. Their files are not kept with them: the transfers of a group of sessions are read in
/// one pass over their shards, so memory is bounded by the group.
/// </summary>
internal sealed class SessionTrial(
    IJournal journal, IReplays replays, RuleSet rules, IReadOnlyDictionary<string, RuleHits> hits, Action<long> read)
{
    private const int Group = 20_000;

    // A session is still asked about when it went silent before the beginning and was ended by its idle limit after it.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(30);

    private readonly Rule[] _ends = [.. rules.Rules.Where(r => r.On.Contains(TriggerKind.SessionEnd))];

    public async Task RunAsync(DateTimeOffset? since, DateTimeOffset? until, CancellationToken cancel)
    {
        if (_ends.Length == 0 && !rules.Awaits(TriggerKind.SessionStart))
            return;
        var ended = new List<Ended>();
        var query = new SessionQuery { Since = since - LongestIdle, Until = until };
        await foreach (var session in journal.QuerySessionsAsync(query, cancel).ConfigureAwait(false))
        {
            if (IsWithin(session.OpenedAt, since, until))
                Count(rules.MatchSession(session, SessionTrigger.Start, []), session, TriggerKind.SessionStart, session.OpenedAt);
            if (_ends.Length == 0 || session.ClosedAt is not { } closed || !IsWithin(closed, since, until))
                continue;
            ended.Add(new Ended(session, _ends.Length));
            if (ended.Count == Group)
            {
                await EndAsync(ended, cancel).ConfigureAwait(false);
                ended.Clear();
            }
        }
        if (ended.Count > 0)
            await EndAsync(ended, cancel).ConfigureAwait(false);
    }

    private async Task EndAsync(List<Ended> ended, CancellationToken cancel)
    {
        // First what asks for no file; then the files, for the sessions that some rule still waits for one of.
        foreach (var each in ended)
        {
            for (var i = 0; i < _ends.Length; i++)
                each.Fits[i] = _ends[i].MatchesEnd(each.Session, []);
        }
        var open = ended.Where(each => Enumerable.Range(0, _ends.Length).Any(i => !each.Fits[i] && _ends[i].MatchesStart(each.Session)));
        foreach (var part in open.GroupBy(each => (Shard: each.Session.Key.Shard(journal.Shards), each.Spool)))
            await ReadFilesAsync(part.Key.Shard, part.Key.Spool, [.. part], cancel).ConfigureAwait(false);

        foreach (var each in ended)
            Count(_ends.Where((_, i) => each.Fits[i]), each.Session, TriggerKind.SessionEnd, each.Session.ClosedAt!.Value);
    }

    private async Task ReadFilesAsync(int shard, string spool, List<Ended> sessions, CancellationToken cancel)
    {
        var byKey = sessions.ToLookup(s => s.Session.Key);
        var last = sessions.Max(s => s.Session.LastAt);
        // All kinds: an event of any kind shows that the last session is over, and the scan with it.
        await foreach (var page in replays.ScanAsync(shard, spool, sessions.Min(s => s.Seq) - 1, new ScanQuery(), cancel).ConfigureAwait(false))
        {
            read(page.Read);
            foreach (var stored in page.Events)
            {
                if (SessionFile.Of(stored.Event) is not { } file)
                    continue;
                foreach (var each in byKey[SessionKey.Of(stored.Event)].Where(s => s.Seq <= stored.Seq && stored.Event.ReceivedAt <= s.Session.LastAt))
                    each.See(file, _ends);
            }
            if (page.Events.Count > 0 && page.Events[^1].Event.ReceivedAt > last)
                return;
        }
    }

    private void Count(IEnumerable<Rule> fitting, SessionRecord session, TriggerKind trigger, DateTimeOffset at)
    {
        foreach (var rule in fitting)
            hits[rule.Name].Add(at, () => new TrialExample(at, TriggerNames.Of(trigger), session.Id, session.User, null));
    }

    private static bool IsWithin(DateTimeOffset at, DateTimeOffset? since, DateTimeOffset? until) =>
        (since is not { } from || at >= from) && (until is not { } to || at < to);

    /// <summary>A session that ended, and which of the rules fit it so far.</summary>
    private sealed class Ended(SessionRecord session, int rules)
    {
        public SessionRecord Session { get; } = session;

        public bool[] Fits { get; } = new bool[rules];

        // The id of a session is the identity of its first event.
        public string Spool { get; } = session.Id[..session.Id.LastIndexOf('-')];

        public long Seq { get; } = long.Parse(session.Id.AsSpan(session.Id.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);

        public void See(SessionFile file, Rule[] ends)
        {
            for (var i = 0; i < ends.Length; i++)
                Fits[i] = Fits[i] || ends[i].MatchesEnd(Session, [file]);
        }
    }
}
