using FtpActors.Journal;

namespace FtpActors.Node.Hosting;

/// <summary>
/// Says when actions have long been due on a host and nobody runs them: its node is away, or far behind. A line when that begins and one when it
/// is over, by every node that owns shards.
/// </summary>
internal sealed class HostWatch : IAsyncDisposable
{
    /// <summary>How long something may be due on a host before that is told.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ISharedDeliveries _deliveries;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private HashSet<string> _told = [];
    private Task _running = Task.CompletedTask;

    /// <summary>Nothing runs before <see cref="Start"/>.</summary>
    public HostWatch(ISharedDeliveries deliveries, TimeProvider time, ILoggerFactory loggers)
    {
        (_deliveries, _time) = (deliveries, time);
        _log = loggers.CreateLogger<HostWatch>();
    }

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>One look.</summary>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public async Task LookAsync()
    {
        var behind = await _deliveries.ReadHostsAsync(_time.GetUtcNow() - Patience);
        foreach (var host in behind.Where(b => !_told.Contains(b.Host)))
            _log.HostBehind(host.Host, host.Due, host.OldestDue);
        foreach (var host in _told.Except(behind.Select(b => b.Host)))
            _log.HostCaughtUp(host);
        _told = [.. behind.Select(b => b.Host)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
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
                _log.HostsNotSeen(e.Message);
            }
            await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
