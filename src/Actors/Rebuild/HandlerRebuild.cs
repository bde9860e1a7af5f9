using System.Globalization;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Reading;

namespace FtpActors.Actors.Rebuild;

/// <summary>
/// The sessions of one handler, made anew from the rows of its journal; no rule is asked. Sessions that began with events which retention has dropped are left as they are: the
/// rest of their events does not say what they were. Memory: all sessions of one handler, twice.
/// </summary>
/// <param name="handler">Number of the handler.</param>
/// <param name="journals">The journals.</param>
/// <param name="options">Windows and limits.</param>
internal sealed class HandlerRebuild(int handler, HandlerJournals journals, ShardOptions options)
{
    private readonly HandlerState _state = new(handler, journals.Count, options);
    private readonly RecoveringSessions _sessions = new();
    private readonly Dictionary<string, SessionRecord> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _firstSeqs = new(StringComparer.Ordinal);
    private readonly List<SessionRecord> _leftAlone = [];
    private readonly Dictionary<string, SessionRecord> _stored = new(StringComparer.Ordinal);
    private long _events;

    /// <summary>Applies all rows up to one.</summary>
    public async Task ApplyAsync(long upTo, CancellationToken cancel)
    {
        await foreach (var (row, fact) in journals.ReadAsync(handler, 0, upTo, cancel).ConfigureAwait(false))
        {
            if (fact is not EventsTaken taken)
                continue;
            foreach (var part in taken.Parts.Where(p => p.Events.Count > 0))
            {
                _events += part.Events.Count;
                _firstSeqs.TryAdd(part.Spool, part.Events[0].Seq);
            }
            foreach (var outcome in _sessions.Do(_state.Apply(row, taken), keepFiles: false))
                _made[outcome.Record.Id] = outcome.Record;
        }
    }

    /// <summary>Takes note of a session as it is in the history.</summary>
    /// <param name="session">The session.</param>
    /// <param name="isLater">It was changed by a row after those that were applied.</param>
    public void See(SessionRecord session, bool isLater)
    {
        if (isLater)
            _made.Remove(session.Id);
        else if (BeganBeforeTheEvents(session))
            _leftAlone.Add(session);
        else
            _stored[session.Id] = session;
    }

    /// <summary>What is stored otherwise.</summary>
    /// <param name="keptSince">Sessions that ended before this have left the history; null when none have.</param>
    public (RebuildReport Report, IReadOnlyList<SessionRecord> Wrong, IReadOnlyList<string> Extra) Compare(DateTimeOffset? keptSince)
    {
        // What is left of their events looks like the beginning of another session.
        foreach (var old in _leftAlone)
        {
            foreach (var rest in _made.Values.Where(m => m.Key == old.Key && m.Began == SessionBegan.Seen && m.OpenedAt <= (old.ClosedAt ?? DateTimeOffset.MaxValue)).ToList())
                _made.Remove(rest.Id);
        }
        foreach (var gone in _made.Values.Where(m => m.ClosedAt < keptSince && !_stored.ContainsKey(m.Id)).ToList())
            _made.Remove(gone.Id);
        var differences = SessionComparison.Differences(_made, _stored);
        var report = new RebuildReport(
            _events, _made.Count, differences.Count(d => d.Kind == "missing"), differences.Count(d => d.Kind == "extra"),
            differences.Count(d => d.Kind == "different"), [.. differences.Take(RebuildReport.MostTold)], Applied: false);
        return (report,
            [.. differences.Where(d => d.Kind != "extra").Select(d => _made[d.Id])], [.. differences.Where(d => d.Kind == "extra").Select(d => d.Id)]);
    }

    // A session's id is the spool and the seq of the event that began it.
    private bool BeganBeforeTheEvents(SessionRecord session) =>
        session.Id.LastIndexOf('-') is > 0 and var dash && long.TryParse(session.Id.AsSpan(dash + 1), CultureInfo.InvariantCulture, out var seq)
        && _firstSeqs.TryGetValue(session.Id[..dash], out var first) && seq < first;
}
