using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// What a handler knows: where it stands in each spool, which events wait for their order, which sessions are open, what is owed. Pure: a function of the facts of
/// its journal, whose times are those of the events and of their horizons, so a recovery or a rebuild gives the same.
/// </summary>
internal sealed class HandlerState
{
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, SpoolPlace> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _idleLooks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _replays = new(StringComparer.Ordinal);
    private readonly Sequencer _sequencer;
    private readonly SessionRouter _router;
    private RowWork? _work;

    /// <param name="handler">Number of the handler.</param>
    /// <param name="handlers">Number of all handlers.</param>
    /// <param name="options">Windows and limits.</param>
    public HandlerState(int handler, int handlers, ShardOptions options)
    {
        Deliveries = new DeliveryBook(handler, handlers);
        _router = new SessionRouter(options.IdleLimit);
        _sequencer = new Sequencer(options, _router.IsOpen, stored => _router.Apply(stored, _work!));
    }

    /// <summary>What is owed.</summary>
    public DeliveryBook Deliveries { get; }

    /// <summary>What was owed for rows up to this one has been planned.</summary>
    public long PlannedUpTo { get; private set; }

    /// <summary>Duplicates that were dropped since the journal was made.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Events that were put back in order since the journal was made.</summary>
    public long Reordered { get; private set; }

    /// <summary>Rows that could not be read, or were not there, since the journal was made.</summary>
    public long Damaged { get; private set; }

    /// <summary>Sessions that are open.</summary>
    public int OpenSessions => _router.Open;

    /// <summary>Where it stands in each spool.</summary>
    public IReadOnlyCollection<SpoolPlace> Places => _places.Values;

    /// <summary>Seq of the last event of a spool that is in the journal; 0 when there is none.</summary>
    public long SeqOf(string spool) => _places.GetValueOrDefault(spool)?.Seq ?? 0;

    /// <summary>How far a replay has come here; 0 before it begins.</summary>
    public long PlaceOf(string replay) => _replays.GetValueOrDefault(replay);

    /// <summary>Whether a horizon would let an event go or end a session: only then it is worth a row.</summary>
    public bool WouldMove(string spool, string host, DateTimeOffset horizon) =>
        _sequencer.WouldLetGo(spool, horizon) || (IsLookDue(host, horizon) && _router.HasIdle(NowOf(host, horizon)));

    /// <summary>Applies events.</summary>
    /// <param name="row">Sequence number of the row.</param>
    /// <param name="taken">The row.</param>
    /// <returns>What it means for the sessions.</returns>
    public RowWork Apply(long row, EventsTaken taken)
    {
        var work = _work = new RowWork(row);
        NotePlanned(taken.PlannedUpTo);
        foreach (var part in taken.Parts)
        {
            foreach (var stored in part.Events)
                _sequencer.Offer(stored);
            if (part.Events.Count > 0)
                _places[part.Spool] = new SpoolPlace(part.Spool, part.Host, part.Events[^1].Seq);
            if (part.Horizon is { } horizon)
                Pass(part.Spool, part.Host, horizon, work);
        }
        var (duplicates, reordered) = _sequencer.TakeCounts();
        Duplicates += duplicates;
        Reordered += reordered;
        _work = null;
        return work;
    }

    /// <summary>Takes note of what was planned; the book is the caller's to change.</summary>
    public void Note(DeliveriesPlanned planned)
    {
        NotePlanned(planned.UpTo);
        if (planned.Replay is { } replay)
            _replays[replay.Id] = replay.Row;
    }

    /// <summary>Takes note that everything up to a row has been planned.</summary>
    public void NotePlanned(long upTo) => PlannedUpTo = Math.Max(PlannedUpTo, upTo);

    /// <summary>Takes note of rows that cannot be read or are not there.</summary>
    public void NoteDamaged(long rows) => Damaged += rows;

    /// <summary>As it is now.</summary>
    /// <param name="sessions">The open sessions, in the order they opened.</param>
    public HandlerSnapshot Snapshot(IReadOnlyList<SessionSnapshot> sessions) => new()
    {
        PlannedUpTo = PlannedUpTo,
        Places = [.. _places.Values],
        IdleLooks = [.. _idleLooks.Select(l => (l.Key, l.Value))],
        Sequencer = _sequencer.Snapshot(),
        Sessions = sessions,
        Deliveries = Deliveries.Snapshot(),
        Replays = [.. _replays.Select(r => new ReplayPlace(r.Key, r.Value))],
        Duplicates = Duplicates,
        Reordered = Reordered,
        Damaged = Damaged,
    };

    /// <summary>Goes on from a snapshot; before the first row.</summary>
    public void Restore(HandlerSnapshot snapshot)
    {
        foreach (var place in snapshot.Places)
            _places[place.Spool] = place;
        foreach (var (host, at) in snapshot.IdleLooks)
            _idleLooks[host] = at;
        foreach (var session in snapshot.Sessions)
            _router.Restore(new OpenSession(session.Record.Id, session.Record.Key, session.Record.LastAt));
        _sequencer.Restore(snapshot.Sequencer);
        Deliveries.Restore(snapshot.Deliveries);
        foreach (var replay in snapshot.Replays)
            _replays[replay.Id] = replay.Row;
        (PlannedUpTo, Duplicates, Reordered, Damaged) = (snapshot.PlannedUpTo, snapshot.Duplicates, snapshot.Reordered, snapshot.Damaged);
    }

    private void Pass(string spool, string host, DateTimeOffset horizon, RowWork work)
    {
        _sequencer.Advance(spool, horizon);
        if (!IsLookDue(host, horizon))
            return;
        _idleLooks[host] = horizon;
        _router.EndIdle(NowOf(host, horizon), work);
    }

    // The host of a topic's event is the server that wrote it, which may have no spool: then whoever speaks says how late it is.
    private Func<string, DateTimeOffset> NowOf(string speaker, DateTimeOffset horizon)
    {
        var speaks = _places.Values.Select(p => p.Host).ToHashSet(StringComparer.Ordinal);
        return host => host == speaker || !speaks.Contains(host) ? horizon : DateTimeOffset.MinValue;
    }

    private bool IsLookDue(string host, DateTimeOffset horizon) => !_idleLooks.TryGetValue(host, out var last) || horizon - last >= IdleLook;
}
