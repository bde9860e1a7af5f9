using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// Makes the deliveries of the shards that this node owns, or of its host (<see cref="HostActions"/>). It keeps nothing but what runs right
/// now: what is due stays in the journal and is read when there is a slot, so its memory is bounded by the slots, and a slow action delays
/// only its own rule and session.
/// </summary>
public sealed class DeliveryActor
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SafetyLook = TimeSpan.FromSeconds(30);

    private readonly IDueDeliveries _store;
    private readonly RuleBook _book;
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly ActionSlots _slots;
    private readonly DeliveryRun _run;
    private readonly Mailbox<bool> _wake = new(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ShardLine> _lines = [];
    private readonly ILogger _log;

    /// <summary>Of its parts; nothing runs before <see cref="RunAsync"/>.</summary>
    public DeliveryActor(
        IDueDeliveries store, RuleBook book, IActionRunner runner, DeliveryOptions options, ActionSlots slots, TimeProvider time,
        ILoggerFactory loggers)
    {
        (_store, _book, _options, _time) = (store, book, options, time);
        _log = loggers.CreateLogger<DeliveryActor>();
        _slots = slots;
        _slots.Freed += LookAgain;
        _run = new DeliveryRun(store, book, runner, options.Node, time, _log);
    }

    /// <summary>The rules.</summary>
    public RuleBook Book => _book;

    /// <summary>Something may be due in a shard: look now. Safe from any thread.</summary>
    public void Wake(int shard)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(shard, out var line))
                return;
            line.Look = true;
        }
        _wake.TryPost(true);
    }

    /// <summary>Looks at every shard anew: the rules have changed, or a person made deliveries due.</summary>
    public void WakeAll()
    {
        lock (_gate)
        {
            foreach (var line in _lines.Values)
                line.Look = true;
        }
        _wake.TryPost(true);
    }

    /// <summary>The node has taken a shard.</summary>
    internal void Own(int shard, long epoch)
    {
        lock (_gate)
            _lines[shard] = new ShardLine(shard, epoch);
        _wake.TryPost(true);
    }

    /// <summary>Whether a result was refused because the shard has a newer owner.</summary>
    internal bool IsLost(int shard)
    {
        lock (_gate)
            return _lines.TryGetValue(shard, out var line) && line.IsLost;
    }

    /// <summary>The node has lost a shard: its running actions are ended; the new owner runs them again.</summary>
    internal async Task LoseAsync(int shard)
    {
        ShardLine? line;
        lock (_gate)
            _lines.Remove(shard, out line);
        if (line is not null)
            await EndAsync(line).ConfigureAwait(false);
    }

    /// <summary>The node is going to give a shard back: begins nothing more for it, and waits for what runs as long as the time of grace.</summary>
    internal async Task QuietAsync(int shard)
    {
        Task[] running;
        lock (_gate)
        {
            if (!_lines.TryGetValue(shard, out var line))
                return;
            line.IsQuiet = true;
            running = [.. line.Running.Values];
        }
        try
        {
            await Task.WhenAll(running).WaitAsync(_options.Grace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _log.ActionsCut(running.Count(r => !r.IsCompleted));
        }
    }

    /// <summary>Works until <paramref name="stop"/>, then gives running actions the time of grace, ends the rest and returns.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Taken before the look: a wake during the look is not lost.
            _wake.TryTake(out _);
            while (_slots.Free > 0 && !stop.IsCancellationRequested && NextLine() is { } line)
                await LookAsync(line).ConfigureAwait(false);
            await _wake.WaitAsync(UntilNextLook(), _time, stop).ConfigureAwait(false);
        }
        await StopAsync().ConfigureAwait(false);
    }

    private ShardLine? NextLine()
    {
        var now = _time.GetUtcNow();
        lock (_gate)
            return _lines.Values.Where(l => !l.IsQuiet && (l.Look || l.NextDue <= now)).MinBy(l => l.NextDue);
    }

    private TimeSpan UntilNextLook()
    {
        DateTimeOffset next;
        lock (_gate)
            next = _lines.Values.Where(l => !l.IsQuiet).Select(l => l.Look ? DateTimeOffset.MinValue : l.NextDue).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        if (_slots.Free == 0)
            return SafetyLook;
        var wait = next - _time.GetUtcNow();
        return wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait < SafetyLook ? wait : SafetyLook;
    }

    private async Task LookAsync(ShardLine line)
    {
        var now = _time.GetUtcNow();
        var rules = _book.Rules;
        var want = _slots.Free;
        HashSet<long> running;
        lock (_gate)
        {
            // Blocked until the look says otherwise: a slot that comes free meanwhile is not missed.
            (line.Look, line.IsBlocked, line.NextDue) = (false, true, now + SafetyLook);
            running = [.. line.Running.Keys];
        }

        try
        {
            var busy = _slots.BusyRules(rules);
            var due = await _store.ReadDueAsync(line.Shard, _options.Node, now, running, busy, want).ConfigureAwait(false);
            if (due.Count > 0 && !_store.IsConfirmed(line.Shard, line.Epoch))
            {
                _log.DeliveriesWait(line.Shard, "its server has not answered for half a lease, so the shard may soon be another node's.");
                Pause(line, now);
                return;
            }
            var started = due.Count(delivery => TryStart(line, delivery, rules));
            var next = due.Count < want ? await _store.ReadNextDueAsync(line.Shard, _options.Node, now).ConfigureAwait(false) : null;
            lock (_gate)
            {
                line.Look |= due.Count == want;
                line.IsBlocked = started < due.Count || busy.Count > 0;
                if (next < line.NextDue)
                    line.NextDue = next.Value;
            }
        }
        catch (JournalException e)
        {
            _log.DeliveriesWait(line.Shard, e.Message);
            Pause(line, now);
        }
    }

    private void Pause(ShardLine line, DateTimeOffset now)
    {
        lock (_gate)
            line.NextDue = now + PauseAfterFailure;
    }

    private bool TryStart(ShardLine line, DeliveryRecord delivery, RuleSet rules)
    {
        var rule = delivery.Delivery.Rule;
        if (!_slots.TryTake(rules, rule))
            return false;
        lock (_gate)
        {
            if (!line.IsQuiet)
            {
                // On the pool: the first steps of a run would otherwise hold up this loop.
                line.Running[delivery.Id] = Task.Run(() => RunOneAsync(line, delivery, rule), CancellationToken.None);
                return true;
            }
        }
        _slots.Give(rule);
        return false;
    }

    private async Task RunOneAsync(ShardLine line, DeliveryRecord delivery, string rule)
    {
        var failed = false;
        try
        {
            await _run.RunAsync(delivery, line).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (line.End.IsCancellationRequested)
        {
            // Ended half-way: the delivery stays due and is tried again with the same key.
        }
        catch (ShardLostException)
        {
            lock (_gate)
                line.IsLost = true;
        }
        catch (ClaimLostException lost)
        {
            _log.ClaimLost(delivery.Delivery.Key, lost.Message);
        }
#pragma warning disable CA1031 // The run's supervisor: whatever it is, it is reported, and the delivery stays due and is tried again after a pause.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _log.DeliveryFailed(failure, delivery.Delivery.Key, delivery.Id);
            failed = true;
        }
        finally
        {
            // Only now, with the result stored: as many actions as there are slots can run a second time after a kill, and no more.
            _slots.Give(rule);
            lock (_gate)
            {
                line.Running.Remove(delivery.Id);
                // The next one of the same session may now run.
                line.Look |= !failed;
                if (failed)
                    line.NextDue = _time.GetUtcNow() + PauseAfterFailure;
            }
            _wake.TryPost(true);
        }
    }

    private void LookAgain()
    {
        lock (_gate)
        {
            foreach (var line in _lines.Values.Where(l => l.IsBlocked))
                (line.IsBlocked, line.Look) = (false, true);
        }
        _wake.TryPost(true);
    }

    private async Task StopAsync()
    {
        ShardLine[] lines;
        Task[] running;
        lock (_gate)
        {
            lines = [.. _lines.Values];
            running = [.. lines.SelectMany(l => l.Running.Values)];
        }
        try
        {
            await Task.WhenAll(running).WaitAsync(_options.Grace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _log.ActionsCut(running.Count(r => !r.IsCompleted));
        }
        foreach (var line in lines)
            await EndAsync(line).ConfigureAwait(false);
    }

    private async Task EndAsync(ShardLine line)
    {
        await line.CancelAsync().ConfigureAwait(false);
        Task[] running;
        lock (_gate)
            running = [.. line.Running.Values];
        await Task.WhenAll(running).ConfigureAwait(false);
        line.Dispose();
    }
}
