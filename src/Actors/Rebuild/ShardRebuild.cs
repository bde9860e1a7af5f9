using System.Globalization;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rebuild;

/// <summary>
/// The sessions of one shard, made anew from all its stored events by a sequencer and a table of their own; no rule is asked. The shard's
/// loop runs it between two of its steps, when it has applied everything up to its positions, so both have seen the same events.
/// <para>
/// Sessions that began with events which retention has dropped are left as they are: the rest of their events does not say what they were.
/// Memory: all sessions of one shard, twice.
/// </para>
/// </summary>
internal sealed class ShardRebuild
{
    private const int PageEvents = 5000;
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(1);

    private readonly IJournal _journal;
    private readonly int _shard;
    private readonly SessionTable _table;
    private readonly Sequencer _sequencer;
    private readonly Dictionary<string, SessionRecord> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _firstSeqs = new(StringComparer.Ordinal);
    private readonly List<SessionRecord> _leftAlone = [];
    private DateTimeOffset _nextIdleLook;
    private long _events;

    public ShardRebuild(IJournal journal, int shard, ShardOptions options)
    {
        (_journal, _shard) = (journal, shard);
        _table = new SessionTable(options.IdleLimit);
        _sequencer = new Sequencer(options, _table.IsOpen, stored => _table.Apply(stored));
    }

    /// <summary>Applies the events up to the shard's positions, then lets time pass up to <paramref name="horizon"/> as the shard did.</summary>
    public async Task RunAsync(IReadOnlyDictionary<string, long> positions, IHorizon horizon, DateTimeOffset now)
    {
        // Spools one after the other: a session's events are of one host, so of one spool.
        foreach (var (spool, position) in positions)
            await ApplyAsync(spool, position).ConfigureAwait(false);
        _sequencer.Advance(spool => horizon.OfSpool(spool, now));
        _table.EndIdle(host => horizon.OfHost(host, now));
        Collect();
    }

    /// <summary>What is stored otherwise.</summary>
    public async Task<(RebuildReport Report, IReadOnlyList<SessionRecord> Wrong, IReadOnlyList<string> Extra)> CompareAsync()
    {
        var stored = new Dictionary<string, SessionRecord>(StringComparer.Ordinal);
        await foreach (var session in _journal.QuerySessionsAsync(new SessionQuery(), CancellationToken.None).ConfigureAwait(false))
        {
            // A damaged key may say another shard: such a row is found by its id.
            if (session.Key.Shard(_journal.Shards) != _shard && !_made.ContainsKey(session.Id))
                continue;
            if (BeganBeforeTheEvents(session))
                _leftAlone.Add(session);
            else
                stored[session.Id] = session;
        }
        // What is left of their events looks like the beginning of another session.
        foreach (var old in _leftAlone)
        {
            foreach (var rest in _made.Values.Where(m => m.Key == old.Key && m.Began == SessionBegan.Seen && m.OpenedAt <= (old.ClosedAt ?? DateTimeOffset.MaxValue)).ToList())
                _made.Remove(rest.Id);
        }
        var differences = SessionComparison.Differences(_made, stored);
        var report = new RebuildReport(
            _events, _made.Count, differences.Count(d => d.Kind == "missing"), differences.Count(d => d.Kind == "extra"),
            differences.Count(d => d.Kind == "different"), [.. differences.Take(RebuildReport.MostTold)], Applied: false);
        return (report,
            [.. differences.Where(d => d.Kind != "extra").Select(d => _made[d.Id])], [.. differences.Where(d => d.Kind == "extra").Select(d => d.Id)]);
    }

    /// <summary>The sessions that are open, in the order they opened.</summary>
    public IEnumerable<SessionRecord> Open => _made.Values.Concat(_leftAlone).Where(s => s.ClosedAt is null).OrderBy(s => s.OpenedAt);

    private async Task ApplyAsync(string spool, long position)
    {
        var after = 0L;
        _firstSeqs[spool] = position + 1;
        _nextIdleLook = DateTimeOffset.MinValue;
        while (after < position)
        {
            var page = await _journal.ReadShardAsync(_shard, spool, after, PageEvents).ConfigureAwait(false);
            if (page.Count == 0)
                return;
            if (after == 0)
                _firstSeqs[spool] = page[0].Seq;
            foreach (var stored in page)
            {
                if (stored.Seq > position)
                    return;
                Offer(stored);
            }
            after = page[^1].Seq;
        }
    }

    // A session's id is the spool and the seq of the event that began it.
    private bool BeganBeforeTheEvents(SessionRecord session) =>
        session.Id.LastIndexOf('-') is > 0 and var dash && long.TryParse(session.Id.AsSpan(dash + 1), CultureInfo.InvariantCulture, out var seq)
        && _firstSeqs.TryGetValue(session.Id[..dash], out var first) && seq < first;

    private void Offer(StoredEvent stored)
    {
        _events++;
        // A session that ended while nobody spoke must be over for the sequencer as well, as it was for the shard.
        var now = stored.Event.ReceivedAt;
        if (now >= _nextIdleLook)
        {
            _nextIdleLook = now + IdleLook;
            _sequencer.Advance(stored.Spool, now);
            // Of the other hosts this spool says nothing.
            _table.EndIdle(host => host == stored.Event.Host ? now : DateTimeOffset.MinValue);
        }
        _sequencer.Offer(stored);
        Collect();
    }

    private void Collect()
    {
        foreach (var session in _table.TakeChanged())
            _made[session.Id] = session;
    }
}
