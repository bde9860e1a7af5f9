namespace FtpActors.Node.Hosting;

/// <summary>Keeps the service manager's line about a node up to date.</summary>
internal sealed class ServiceStatus : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly FtpNode _node;
    private readonly ServiceNotifier _manager;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    /// <summary>Says that the node is ready, and from then on how it is.</summary>
    public ServiceStatus(FtpNode node, ServiceNotifier manager)
    {
        (_node, _manager) = (node, manager);
        manager.Ready(Text(node));
        _running = manager.IsWanted ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    /// <summary>One line: what works, then what does not.</summary>
    public static string Text(FtpNode node)
    {
        // Sources do not wait for a journal that is elsewhere, so neither does the manager.
        var state = node.IsReady ? $"{node.OpenSessions} open sessions here"
            : node.Sources.Count > 0 ? "Sources are read; waiting for the shared journal" : "Waiting for the shared journal";
        var troubled = node.Sources.Where(s => s.Trouble is not null).Select(s => s.Name).ToList();
        return troubled.Count == 0 ? state : $"{state}; sources in trouble: {string.Join(", ", troubled)}";
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            _manager.Status(Text(_node));
            await Task.Delay(Every, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
