using FtpActors.Protocol;


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
        _running = manager.IsWanted ? Task.Run(RunAsync) : Task.CompletedTask;
    }

    /// <summary>One line: what works, then what does not.</summary>
    public static async Task<string> TextAsync(FtpNode node)
    {
        var state = await StateAsync(node);
        var troubled = node.Sources.Where(s => s.Trouble is not null).Select(s => s.Name).ToList();
        return troubled.Count == 0 ? state : $"{state}; sources in trouble: {string.Join(", ", troubled)}";
    }

    private static async Task<string> StateAsync(FtpNode node)
    {
        try
        {
            return $"{(await Backlog.ReadAsync(node.Engine, node.Configuration.Node.Handler)).OpenSessions} open sessions here";
        }
        catch (JournalException e)
        {
            return e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        _manager.Ready(await TextAsync(_node));
        while (!_end.IsCancellationRequested)
        {
            _manager.Status(await TextAsync(_node));
            await Task.Delay(Every, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
