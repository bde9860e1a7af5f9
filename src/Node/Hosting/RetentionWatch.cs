using System.Data.Common;
using FtpActors.Actors.History;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>Every hour drops what the configuration keeps no longer, from the journal and from the history. What is still needed stays.</summary>
/// <param name="node">Name of this node.</param>
/// <param name="engine">Its engine.</param>
/// <param name="limits">How long things are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">For its log lines.</param>
internal sealed class RetentionWatch(string node, Engine engine, RetentionSection limits, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private readonly ILogger _log = loggers.CreateLogger<RetentionWatch>();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public void Start()
    {
        if (limits.IsAny)
            _running = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>One look; in a cluster only where the first handler lives, because one is enough.</summary>
    /// <exception cref="JournalException">The rest is left for the next one.</exception>
    public async Task DropAsync(CancellationToken cancel)
    {
        if ((await engine.Handlers.ReadStatusAsync(0)).Node != node)
            return;
        var now = time.GetUtcNow();
        if (limits.Events is { } events)
            await DropEventsAsync(now - events, cancel);
        if (limits.Sessions is { } sessions && await engine.History.DropSessionsAsync(now - sessions, cancel) is > 0 and var ended)
            _log.Dropped($"{ended} sessions", now - sessions);
        if (limits.Deliveries is { } deliveries && await engine.Deliveries.ForgetAsync(now - deliveries, cancel) is > 0 and var over)
            _log.Dropped($"{over} deliveries", now - deliveries);
    }

    private async Task DropEventsAsync(DateTimeOffset before, CancellationToken cancel)
    {
        var dropped = 0L;
        for (var handler = 0; handler < engine.Handlers.Count; handler++)
        {
            if (await LastRowBeforeAsync(handler, before, cancel) is > 0 and var row && await engine.Handlers.DropRowsAsync(handler, row) is > 0 and var upTo)
                dropped += await engine.History.DropIndexAsync(handler, upTo, cancel);
        }
        if (dropped > 0)
            _log.Dropped($"{dropped} rows of events", before);
    }

    // Rows go in their order: one that has a newer event keeps those behind it.
    private async Task<long> LastRowBeforeAsync(int handler, DateTimeOffset before, CancellationToken cancel)
    {
        await foreach (var newer in engine.History.ReadIndexAsync(new IndexQuery { Handler = handler, Since = before }, cancel))
            return newer.Row - 1;
        return await engine.History.ReadPositionAsync(handler, cancel);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await DropAsync(_stop.Token);
            }
            catch (Exception e) when (e is JournalException or DbException)
            {
                _log.NotDropped(e.Message);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(Interval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
