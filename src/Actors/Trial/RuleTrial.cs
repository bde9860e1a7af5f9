using FtpActors.Actors.History;
using FtpActors.Actors.Reading;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Trial;

/// <summary>
/// What rules would have fired for over recorded history (a back-test): nothing is run and nothing is written. It reads the journal beside
/// the node's work. Events that the sequencer dropped as duplicates are stored and are counted here; <c>dead_letter</c> and
/// <c>backlog_high</c> are not history and never count.
/// </summary>
public sealed class RuleTrial
{
    /// <summary>Most examples of a rule.</summary>
    public const int MostExamples = 5;

    // So many scans at once, so that the node's own work keeps the rest of the machine.
    private const int Scans = 2;

    private readonly HandlerJournals _journals;
    private readonly StoredEventsReader _events;
    private readonly RuleSet _rules;
    private readonly Dictionary<string, RuleHits> _hits;
    private readonly SessionTrial _sessions;

    /// <summary>Of rules over what is stored.</summary>
    public RuleTrial(HandlerJournals journals, HistoryDatabase history, RuleSet rules)
    {
        (_journals, _rules) = (journals, rules);
        _events = new StoredEventsReader(journals);
        _hits = rules.Rules.ToDictionary(r => r.Name, _ => new RuleHits(), StringComparer.Ordinal);
        _sessions = new SessionTrial(history, rules, _hits);
    }

    /// <summary>Events looked at so far; for the progress, from any thread.</summary>
    public long Read => _events.Read;

    /// <summary>Looks through everything received at or after <paramref name="since"/> and before <paramref name="until"/>; null is no limit.</summary>
    /// <returns>One result per rule, in their order.</returns>
    public async Task<IReadOnlyList<TrialResult>> RunAsync(DateTimeOffset? since, DateTimeOffset? until, CancellationToken cancel)
    {
        var kinds = Enum.GetValues<EventKind>().Where(kind => _rules.Awaits((TriggerKind)kind)).ToHashSet();
        if (kinds.Count > 0)
        {
            var query = new ScanQuery { Kinds = kinds, Since = since, Until = until };
            await Parallel.ForEachAsync(
                Enumerable.Range(0, _journals.Count), new ParallelOptions { MaxDegreeOfParallelism = Scans, CancellationToken = cancel },
                async (handler, stop) => await ScanAsync(handler, query, stop).ConfigureAwait(false)).ConfigureAwait(false);
        }
        await _sessions.RunAsync(since, until, cancel).ConfigureAwait(false);
        return [.. _rules.Rules.Select(rule => _hits[rule.Name].Of(rule.Name))];
    }

    private async Task ScanAsync(int handler, ScanQuery query, CancellationToken cancel)
    {
        await foreach (var page in _events.ScanAsync(handler, 0, query, cancel).ConfigureAwait(false))
        {
            foreach (var stored in page.Events)
                Look(stored);
        }
    }

    private void Look(StoredEvent stored)
    {
        var e = stored.Event;
        // It stands in every handler and no rule is asked about it.
        if (e.Flags.HasFlag(EventFlags.ServerRestart))
            return;
        foreach (var rule in _rules.Match(e))
            _hits[rule.Name].Add(e.ReceivedAt, () => new TrialExample(e.ReceivedAt, Names.Of(e.Kind), $"{stored.Spool}-{stored.Seq}", e.User, e.Path));
    }
}
