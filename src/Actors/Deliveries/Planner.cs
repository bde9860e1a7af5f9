using System.Text;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// What the rules owe for one row of a handler: pure. The keys come from the identity of the event or session, so a row that is planned again owes the same.
/// </summary>
internal static class Planner
{
    /// <summary>Sessions that ended in a row and whose files the rules ask for, although they were not kept (rules that are newer than the session).</summary>
    public static IEnumerable<string> MissingFiles(RuleSet rules, RowWork work, IReadOnlyDictionary<string, SessionSnapshot> outcomes) =>
        rules.Awaits(TriggerKind.SessionEnd) ? work.Ended.Where(id => outcomes[id] is { Files: null } s && HasFiles(s.Record)) : [];

    /// <summary>The deliveries: of the events in their order, then of the sessions that ended.</summary>
    /// <param name="rules">The rules in force.</param>
    /// <param name="work">What the row did.</param>
    /// <param name="outcomes">Its sessions after it.</param>
    /// <param name="files">Files of sessions that were not kept with them.</param>
    public static IReadOnlyList<NewDelivery> Plan(
        RuleSet rules, RowWork work, IReadOnlyDictionary<string, SessionSnapshot> outcomes, IReadOnlyDictionary<string, IReadOnlyList<SessionFile>> files)
    {
        if (rules.Rules.Count == 0)
            return [];
        var planned = new List<NewDelivery>();
        if (rules.Awaits(TriggerKind.SessionStart))
        {
            foreach (var (session, first) in work.Began)
            {
                var record = Session.RecordOf(first, session.Id, session.Key);
                foreach (var rule in rules.MatchSession(record, SessionTrigger.Start, []))
                    planned.Add(ForSession(rule, record, SessionTrigger.Start, [], null));
            }
        }
        foreach (var (stored, session) in work.Applied)
        {
            foreach (var rule in rules.Match(stored.Event))
                planned.Add(ForEvent(rule, stored, session, null));
        }
        if (!rules.Awaits(TriggerKind.SessionEnd))
            return planned;
        foreach (var id in work.Ended)
        {
            var outcome = outcomes[id];
            var told = (IReadOnlyList<SessionFile>?)outcome.Files ?? files.GetValueOrDefault(id, []);
            foreach (var rule in rules.MatchSession(outcome.Record, SessionTrigger.End, told))
                planned.Add(ForSession(rule, outcome.Record, SessionTrigger.End, rule.FilesOf(told), null));
        }
        return planned;
    }

    /// <summary>The delivery that a rule owes for an event.</summary>
    /// <param name="rule">A rule that matches.</param>
    /// <param name="stored">The event.</param>
    /// <param name="session">Id of the session, or another name of the line that ordered deliveries keep; null for none.</param>
    /// <param name="replay">Id of the replay, null for the live way.</param>
    public static NewDelivery ForEvent(Rule rule, StoredEvent stored, string? session, string? replay) => new(
        Key: $"{rule.Name}/{stored.Spool}-{stored.Seq}" + (replay is null ? "" : $"/{replay}"),
        Rule: rule.Name,
        Trigger: Names.Of(stored.Event.Kind),
        Session: session,
        Ordered: rule.Order == RuleOrder.Session && session is not null,
        OnHost: rule.Where == RulePlace.OnHost ? stored.Event.Host : null,
        Facts: Encoding.UTF8.GetString(Facts.OfEvent(stored, replay is null ? session : null).Json.Span),
        DueAt: stored.Event.ReceivedAt,
        Replay: replay);

    /// <summary>The delivery that a rule owes for the start or the end of a session.</summary>
    /// <param name="rule">A rule that matches.</param>
    /// <param name="session">The session.</param>
    /// <param name="trigger">Which end.</param>
    /// <param name="files">The files that the rule is about.</param>
    /// <param name="replay">Id of the replay, null for the live way.</param>
    public static NewDelivery ForSession(
        Rule rule, SessionRecord session, SessionTrigger trigger, IReadOnlyList<SessionFile> files, string? replay)
    {
        var word = TriggerNames.Of(trigger == SessionTrigger.Start ? TriggerKind.SessionStart : TriggerKind.SessionEnd);
        return new NewDelivery(
            Key: $"{rule.Name}/{session.Id}/{word}" + (replay is null ? "" : $"/{replay}"),
            Rule: rule.Name,
            Trigger: word,
            Session: session.Id,
            Ordered: rule.Order == RuleOrder.Session,
            OnHost: rule.Where == RulePlace.OnHost ? session.Key.Host : null,
            Facts: Encoding.UTF8.GetString(Facts.OfSession(session, trigger, files).Json.Span),
            DueAt: session.ClosedAt ?? session.OpenedAt,
            Replay: replay);
    }

    private static bool HasFiles(SessionRecord session) => session is not { Uploads: 0, Downloads: 0, Failures: 0 };
}
