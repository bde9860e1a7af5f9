using FtpActors.Actors;
using System.Globalization;
using System.Text;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>Looks every 10 s how far the handlers are behind and adds a delivery for each rule that waits for <c>backlog_high</c>.</summary>
/// <param name="node">Name of this node.</param>
/// <param name="limits">From when on it is behind.</param>
/// <param name="engine">Its engine.</param>
/// <param name="book">The rules.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">For its log lines.</param>
internal sealed class BacklogWatch(string node, BacklogLimits limits, Engine engine, RuleBook book, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ILogger _log = loggers.CreateLogger<BacklogWatch>();
    private readonly BacklogGauge _gauge = new(limits);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>One look.</summary>
    /// <param name="backlog">How far behind the node is.</param>
    /// <returns>How many deliveries were added.</returns>
    /// <exception cref="JournalException">They could not be.</exception>
    public async Task<int> LookAsync(Backlog backlog)
    {
        if (backlog.Handlers.Count == 0)
            return 0;
        var now = time.GetUtcNow();
        var oldest = backlog.OldestWaiting;
        if (!_gauge.Rises(backlog.Waiting, oldest is { } since ? now - since : TimeSpan.Zero))
            return 0;

        var worst = backlog.Handlers.MaxBy(h => h.Waiting)!.Handler;
        _log.BacklogHigh(backlog.Waiting, oldest ?? now, worst);
        var rules = book.Rules.MatchNotice(TriggerKind.BacklogHigh, node);
        if (rules.Count == 0)
            return 0;
        var facts = Facts.OfNotice(TriggerKind.BacklogHigh, now, node, new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["shard"] = (long)worst,
            ["waiting"] = backlog.Waiting,
            ["oldest_at"] = (oldest ?? now).UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        });
        return await engine.Handlers.AddAsync(worst, [.. rules.Select(rule => new NewDelivery(
            Key: string.Create(CultureInfo.InvariantCulture, $"{rule.Name}/backlog_high/{node}/{now.UtcDateTime:yyyyMMdd'T'HHmmss.ffffff'Z'}"),
            rule.Name, TriggerNames.Of(TriggerKind.BacklogHigh), Session: null, Ordered: false,
            OnHost: rule.Where == RulePlace.OnHost ? node : null,
            Encoding.UTF8.GetString(facts.Json.Span), DueAt: now, Replay: null))]);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var backlog = await Backlog.ReadAsync(engine, hasHandlers: true);
                // Each node of a cluster looks at its own.
                await LookAsync(backlog with { Handlers = [.. backlog.Handlers.Where(h => h.Node == node)] });
            }
            catch (JournalException e)
            {
                // A notice that could not be stored is lost; the journal's own trouble is in the log of everyone who writes.
                _log.BacklogNotSeen(e.Message);
            }
            await Task.Delay(Interval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
