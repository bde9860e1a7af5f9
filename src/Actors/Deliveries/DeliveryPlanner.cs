using System.Globalization;
using System.Text;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// What the rules owe for the events of one shard's step. The deliveries are committed with the step, so each is made exactly once; their keys
/// come from the identity of the event or session, so a step that is done again makes the same ones.
/// </summary>
internal sealed class DeliveryPlanner(RuleBook book, IJournal journal, int shard) : ISessionObserver
{
    /// <summary>Most files that a session's end tells; later ones are in the session's totals only. Bounds memory and the size of a delivery.</summary>
    public const int MostFiles = 10_000;

    private const int ScanPage = 2000;

    private readonly List<NewDelivery> _planned = [];
    private readonly List<SessionActor> _ended = [];

    /// <inheritdoc/>
    public void Began(SessionActor session)
    {
        var rules = book.Rules;
        if (rules.Awaits(TriggerKind.SessionEnd))
            session.Files = [];
        foreach (var rule in rules.MatchSession(session.Record, SessionTrigger.Start, []))
            _planned.Add(ForSession(rule, session.Record, SessionTrigger.Start, [], null));
    }

    /// <inheritdoc/>
    public void Applied(SessionActor? session, StoredEvent stored)
    {
        var rules = book.Rules;
        if (session is not null && stored.Event.Kind is EventKind.Upload or EventKind.Download)
        {
            // Files that nobody waited for are not kept; should a rule begin to wait meanwhile, they are read from the journal.
            if (!rules.Awaits(TriggerKind.SessionEnd))
                session.Files = null;
            else if (session.Files is { Count: < MostFiles } files)
                SessionFile.Add(files, stored.Event);
        }
        foreach (var rule in rules.Match(stored.Event))
            _planned.Add(ForEvent(rule, stored, session?.Record.Id, null));
    }

    /// <inheritdoc/>
    public void Ended(SessionActor session)
    {
        if (book.Rules.Awaits(TriggerKind.SessionEnd))
            _ended.Add(session);
    }

    /// <summary>The deliveries since the last call. Reads the journal only for sessions whose files are not in memory (a new owner, new rules).</summary>
    public async Task<IReadOnlyList<NewDelivery>> TakeAsync()
    {
        foreach (var session in _ended)
        {
            var files = session.Files ?? await ReadFilesAsync(journal, shard, session.Record).ConfigureAwait(false);
            foreach (var rule in book.Rules.MatchSession(session.Record, SessionTrigger.End, files))
                _planned.Add(ForSession(rule, session.Record, SessionTrigger.End, rule.FilesOf(files), null));
        }
        _ended.Clear();
        if (_planned.Count == 0)
            return [];
        var taken = _planned.ToArray();
        _planned.Clear();
        return taken;
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

    /// <summary>A session's files from its stored events, at most <see cref="MostFiles"/>.</summary>
    // By the session's key from its first event on: of sessions that shared a key at the same time, each is told the files of both.
    public static async Task<List<SessionFile>> ReadFilesAsync(IJournal journal, int shard, SessionRecord session)
    {
        var files = new List<SessionFile>();
        var dash = session.Id.LastIndexOf('-');
        var spool = session.Id[..dash];
        var after = long.Parse(session.Id.AsSpan(dash + 1), CultureInfo.InvariantCulture) - 1;
        while (files.Count < MostFiles)
        {
            var page = await journal.ReadShardAsync(shard, spool, after, ScanPage).ConfigureAwait(false);
            foreach (var stored in page.Where(s => SessionKey.Of(s.Event) == session.Key && s.Event.ReceivedAt <= session.LastAt))
                SessionFile.Add(files, stored.Event);
            if (page.Count < ScanPage || page[^1].Event.ReceivedAt > session.LastAt)
                break;
            after = page[^1].Seq;
        }
        return files.Count > MostFiles ? files[..MostFiles] : files;
    }
}
