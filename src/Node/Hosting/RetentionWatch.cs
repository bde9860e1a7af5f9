using FtpActors.Journal;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>Every hour drops what the configuration keeps no longer. Several nodes may do so on one journal: what one has dropped the next does not find.</summary>
internal sealed class RetentionWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly IRetention _journal;
    private readonly RetentionSection _limits;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Nothing runs before <see cref="Start"/>.</summary>
    public RetentionWatch(IRetention journal, RetentionSection limits, TimeProvider time, ILoggerFactory loggers)
    {
        (_journal, _limits, _time) = (journal, limits, time);
        _log = loggers.CreateLogger<RetentionWatch>();
    }

    public void Start()
    {
        if (_limits.IsAny)
            _running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>One look.</summary>
    /// <exception cref="JournalException">The rest is left for the next one.</exception>
    public async Task DropAsync(CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        if (_limits.Events is { } events && await _journal.DropEventsAsync(now - events, cancel) is { } what)
            _log.Dropped(what, now - events);
        if (_limits.Sessions is { } sessions && await _journal.DropSessionsAsync(now - sessions, cancel) is > 0 and var ended)
            _log.Dropped($"{ended} sessions", now - sessions);
        if (_limits.Deliveries is { } deliveries && await _journal.DropDeliveriesAsync(now - deliveries, cancel) is > 0 and var over)
            _log.Dropped($"{over} deliveries", now - deliveries);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await DropAsync(_stop.Token);
            }
            catch (JournalException e)
            {
                _log.NotDropped(e.Message);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
