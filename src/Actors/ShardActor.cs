using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rebuild;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// The owner of one shard: a serial loop that reads the shard's events, mends their order, applies them to the sessions and commits each
/// step in one transaction. It lives from taking the shard to losing it; its supervisor starts a new one with nothing carried over.
/// </summary>
internal sealed class ShardActor
{
    private static readonly TimeSpan IdleLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PausePerEvent = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan ShortestTimer = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan HeldLook = TimeSpan.FromMilliseconds(20);

    private readonly IJournal _journal;
    private readonly ShardLease _lease;
    private readonly ShardOptions _options;
    private readonly IHorizon _horizon;
    private readonly TimeProvider _time;
    private readonly Mailbox<FreshBatch> _mailbox;
    private readonly JournalTail _reader;
    private SessionTable _sessions;
    private readonly Sequencer _sequencer;
    private readonly DeliveryActor? _deliveries;
    private readonly DeliveryPlanner? _planner;
    private readonly List<StoredEvent> _applied = [];
    private readonly Dictionary<string, Checkpoint> _committed = new(StringComparer.Ordinal);
    private DateTimeOffset _nextIdleLook;
    private RebuildRequest? _rebuild;
    private bool _isOver;

    private ShardActor(IJournal journal, ShardLease lease, JournalTail reader, ShardOptions options, IHorizon horizon, TimeProvider time,
        Mailbox<FreshBatch> mailbox, DeliveryActor? deliveries)
    {
        _journal = journal;
        _lease = lease;
        _options = options;
        _horizon = horizon.OfShard(lease.Shard);
        _time = time;
        _mailbox = mailbox;
        _reader = reader;
        _deliveries = deliveries;
        _planner = deliveries is null ? null : new DeliveryPlanner(deliveries.Book, journal, lease.Shard);
        _sessions = new SessionTable(options.IdleLimit, _planner);
        _sequencer = new Sequencer(options, key => _sessions.IsOpen(key), Apply);
    }

    /// <summary>Number of open sessions; a figure for people, read without a lock.</summary>
    public int OpenSessions => _sessions.Open;

    /// <summary>Asks for a rebuild, done between two steps when everything stored is applied; false while another one waits or when this actor is over. Safe from any thread.</summary>
    public bool TryAsk(RebuildRequest request)
    {
        if (Interlocked.CompareExchange(ref _rebuild, request, null) is not null)
            return false;
        _mailbox.TryPost(FreshBatch.Wake);
        // One that came too late for EndRequests is taken back here, by whoever of the two is first.
        return !Volatile.Read(ref _isOver) || Interlocked.Exchange(ref _rebuild, null) is null;
    }

    /// <summary>This actor works no more: refuses a request that waits.</summary>
    public void EndRequests()
    {
        Volatile.Write(ref _isOver, true);
        Interlocked.Exchange(ref _rebuild, null)?.Fail(
            new InvalidOperationException($"Shard {_lease.Shard} ended its work before the rebuild was done; the log says why. Try again."));
    }

    /// <summary>Takes a shard and stands where its last owner committed.</summary>
    /// <exception cref="OperationCanceledException">It is not wanted any more, and was not taken.</exception>
    public static async Task<ShardActor> TakeAsync(IJournal journal, int shard, string owner, ShardOptions options, IHorizon horizon,
        TimeProvider time, Mailbox<FreshBatch> mailbox, JournalTail reader, DeliveryActor? deliveries, CancellationToken cancel)
    {
        var lease = await journal.TakeShardAsync(shard, owner, cancel).ConfigureAwait(false);
        var actor = new ShardActor(journal, lease, reader, options, horizon, time, mailbox, deliveries);
        foreach (var record in lease.OpenSessions.OrderBy(r => r.OpenedAt))
            actor._sessions.Restore(record);
        foreach (var checkpoint in lease.Checkpoints)
            await actor.RestoreAsync(checkpoint).ConfigureAwait(false);
        deliveries?.Own(shard, lease.Epoch);
        return actor;
    }

    /// <summary>Works until <paramref name="drain"/> fires and nothing is left to read, until <paramref name="leave"/> fires, or until the shard is lost.</summary>
    /// <param name="committed">Told the events of every step, after its commit.</param>
    /// <param name="drain">Finish what is stored, then return.</param>
    /// <param name="leave">Finish the step, then return: another node goes on from there.</param>
    /// <exception cref="ShardLostException">The shard has a newer owner.</exception>
    public async Task RunAsync(Action<int, IReadOnlyList<StoredEvent>> committed, CancellationToken drain, CancellationToken leave)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(drain, leave);
        while (true)
        {
            if (_deliveries?.IsLost(_lease.Shard) == true)
                throw new ShardLostException(_lease.Shard, _lease.Epoch);
            if (!_journal.IsHeld(_lease.Shard, _lease.Epoch))
                throw new ShardLostException(_lease.Shard, _lease.Epoch, "its connection ended while there was nothing to commit");

            // Both are read before the mailbox: what was received before the horizon, or offered before the stop, is then in there.
            var draining = drain.IsCancellationRequested;
            var now = _time.GetUtcNow();
            var horizon = _horizon.AsOf(now);

            var events = await _reader.NextAsync().ConfigureAwait(false);
            foreach (var stored in events)
                _sequencer.Offer(stored);
            var caughtUp = _reader.IsCaughtUp;
            if (caughtUp)
            {
                _sequencer.Advance(spool => horizon.OfSpool(spool, now));
                EndIdleSessions(horizon, now);
            }
            await CommitAsync(committed, stop.Token).ConfigureAwait(false);
            if (leave.IsCancellationRequested)
                return;
            if (caughtUp && Volatile.Read(ref _rebuild) is { } request)
                await RebuildAsync(request, horizon, now).ConfigureAwait(false);

            if (events.Count > 0)
            {
                await PauseAsync(events.Count, draining).ConfigureAwait(false);
                continue;
            }
            if (draining)
                return;
            await _mailbox.WaitAsync(_sequencer.Holds ? HeldLook : IdleLook, _time, stop.Token).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(int events, bool draining)
    {
        var wanted = PausePerEvent * events > _options.ShortestStepPause ? PausePerEvent * events : _options.ShortestStepPause;
        var pause = wanted < _options.LongestStepPause ? wanted : _options.LongestStepPause;
        // A full step has more waiting, and timers below a millisecond would only spin.
        if (events < _options.StepEvents && pause >= ShortestTimer && !draining)
            await Task.Delay(pause, _time, CancellationToken.None).ConfigureAwait(false);
    }

    private void Apply(StoredEvent stored)
    {
        _sessions.Apply(stored);
        _applied.Add(stored);
    }

    private void EndIdleSessions(IHorizon horizon, DateTimeOffset now)
    {
        if (now < _nextIdleLook)
            return;
        _nextIdleLook = now + IdleLook;
        _sessions.EndIdle(host => horizon.OfHost(host, now));
    }

    private async Task CommitAsync(Action<int, IReadOnlyList<StoredEvent>> committed, CancellationToken drain)
    {
        var checkpoints = ChangedCheckpoints();
        var sessions = _sessions.TakeChanged();
        if (checkpoints.Count == 0 && sessions.Count == 0)
            return;

        var owed = _planner is null ? [] : await _planner.TakeAsync().ConfigureAwait(false);
        var (duplicates, reordered) = _sequencer.TakeCounts();
        var step = new ShardStep(_lease.Shard, _lease.Epoch, checkpoints, sessions, duplicates, reordered) { Deliveries = owed };
        await CommitUntilStoredAsync(step, drain).ConfigureAwait(false);
        if (owed.Count > 0)
            _deliveries!.Wake(_lease.Shard);

        foreach (var checkpoint in checkpoints)
            _committed[checkpoint.Spool] = checkpoint;
        committed(_lease.Shard, _applied);
        _applied.Clear();
    }

    // Every step is committed and the reader stands at its end, so the table of sessions is what the events up to the positions make.
    private async Task RebuildAsync(RebuildRequest request, IHorizon horizon, DateTimeOffset now)
    {
        if (_sessions.EndIdle(host => horizon.OfHost(host, now)))
            return;
        var rebuild = new ShardRebuild(_journal, _lease.Shard, _options);
        await rebuild.RunAsync(_reader.Positions, horizon, now).ConfigureAwait(false);
        var (report, wrong, extra) = await rebuild.CompareAsync().ConfigureAwait(false);
        if (request.Apply && wrong.Count + extra.Count > 0)
        {
            await request.Replays.ReplaceSessionsAsync(_lease.Shard, _lease.Epoch, wrong, extra).ConfigureAwait(false);
            _sessions = new SessionTable(_options.IdleLimit, _planner);
            foreach (var open in rebuild.Open)
                _sessions.Restore(open);
            report = report with { Applied = true };
        }
        Interlocked.Exchange(ref _rebuild, null)?.Reply(report);
    }

    // A full disk is waited out with the step in hand; at a stop the step is given up, because the journal has its events.
    private async Task CommitUntilStoredAsync(ShardStep step, CancellationToken drain)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await _journal.CommitAsync(step).ConfigureAwait(false);
                return;
            }
            catch (JournalUnavailableException) when (!drain.IsCancellationRequested)
            {
                await Task.Delay(backoff.Next(), _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private List<Checkpoint> ChangedCheckpoints()
    {
        var changed = new List<Checkpoint>();
        var held = _sequencer.Holds ? _sequencer.Held.ToLookup(h => h.Spool, h => h.Seq) : null;
        foreach (var (spool, seq) in _reader.Positions)
        {
            long[] heldHere = held is null ? [] : [.. held[spool].Order()];
            var before = _committed.GetValueOrDefault(spool);
            if (before is null || before.Seq != seq || !before.Held.SequenceEqual(heldHere))
                changed.Add(new Checkpoint(spool, seq, heldHere));
        }
        return changed;
    }

    // The windows are rebuilt from the events before the checkpoint, by the time of the first event after it: twice the long
    // window, so that an event that was itself a duplicate does not open a window of its own.
    private async Task RestoreAsync(Checkpoint checkpoint)
    {
        _reader.StartAt(checkpoint);
        _committed[checkpoint.Spool] = checkpoint;
        var next = await _journal.ReadShardAsync(_lease.Shard, checkpoint.Spool, checkpoint.Seq, 1).ConfigureAwait(false);
        var from = (next.Count > 0 ? next[0].Event.ReceivedAt : _horizon.OfSpool(checkpoint.Spool, _time.GetUtcNow())) - (2 * _options.LongDuplicateWindow);
        foreach (var stored in await _journal.ReadShardSinceAsync(_lease.Shard, checkpoint.Spool, from, checkpoint.Seq).ConfigureAwait(false))
            _sequencer.Remember(stored);
        foreach (var stored in await _journal.ReadEventsAsync(_lease.Shard, checkpoint.Spool, checkpoint.Held).ConfigureAwait(false))
            _sequencer.HoldAgain(stored);
    }
}
