using System.Globalization;
using System.Text;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;

namespace FtpActors.Node.Hosting;

/// <summary>Looks every 10 s how far the shards are behind and adds a delivery for each rule that waits for <c>backlog_high</c>.</summary>
internal sealed class BacklogWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly string _node;
    private readonly IJournal _journal;
    private readonly IDeliveries _store;
    private readonly DeliveryActor _deliveries;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BacklogGauge _gauge;
    private readonly Func<IReadOnlySet<int>>? _held;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Nothing runs before <see cref="Start"/>.</summary>
    /// <param name="node">Name of this node.</param>
    /// <param name="limits">From when on it is behind.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="store">Its deliveries.</param>
    /// <param name="deliveries">Makes them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    /// <param name="held">In a cluster the shards that are here: every other one is told of by the node that has it. Null for all.</param>
    public BacklogWatch(string node, BacklogLimits limits, IJournal journal, IDeliveries store, DeliveryActor deliveries, TimeProvider time,
        ILoggerFactory loggers, Func<IReadOnlySet<int>>? held = null)
    {
        _held = held;
        (_node, _journal, _store, _deliveries, _time) = (node, journal, store, deliveries, time);
        _gauge = new BacklogGauge(limits);
        _log = loggers.CreateLogger<BacklogWatch>();
    }

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>One look.</summary>
    /// <returns>How many deliveries were added.</returns>
    /// <exception cref="JournalException">The journal cannot be read or written.</exception>
    public async Task<int> LookAsync()
    {
        var now = _time.GetUtcNow();
        var held = _held?.Invoke();
        var behind = (await _journal.ReadBacklogAsync()).Where(s => s.Waiting > 0 && held?.Contains(s.Shard) != false).ToList();
        var waiting = behind.Sum(s => s.Waiting);
        var oldest = behind.Min(s => s.OldestWaiting);
        if (!_gauge.Rises(waiting, oldest is { } since ? now - since : TimeSpan.Zero))
            return 0;

        var worst = behind.MaxBy(s => s.Waiting)!.Shard;
        _log.BacklogHigh(waiting, oldest ?? now, worst);
        var rules = _deliveries.Book.Rules.MatchNotice(TriggerKind.BacklogHigh, _node);
        if (rules.Count == 0)
            return 0;
        var facts = Facts.OfNotice(TriggerKind.BacklogHigh, now, _node, new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["shard"] = (long)worst,
            ["waiting"] = waiting,
            ["oldest_at"] = (oldest ?? now).UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        });
        var owed = rules.Select(rule => new NewDelivery(
            Key: string.Create(CultureInfo.InvariantCulture, $"{rule.Name}/backlog_high/{_node}/{now.UtcDateTime:yyyyMMdd'T'HHmmss.ffffff'Z'}"),
            rule.Name, TriggerNames.Of(TriggerKind.BacklogHigh), Session: null, Ordered: false,
            OnHost: rule.Where == RulePlace.OnHost ? _node : null,
            Encoding.UTF8.GetString(facts.Json.Span), DueAt: now, Replay: null)).ToList();
        var added = await _store.AddAsync(worst, owed);
        _deliveries.Wake(worst);
        return added;
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (JournalException e)
            {
                // A notice that could not be stored is lost; the journal's own trouble is in the log of everyone who writes.
                _log.BacklogNotSeen(e.Message);
            }
            await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
