using FtpActors.Node.Configuration;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>
/// The node of this process until it is to end: begun anew when its cluster has gone on without it, and as often as it takes while the cluster's database is away.
/// </summary>
/// <param name="configuration">As the process was started with.</param>
/// <param name="logging">The log.</param>
/// <param name="manager">The service manager.</param>
internal sealed class NodeRun(NodeConfiguration configuration, Logging logging, ServiceNotifier manager)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = logging.Factory.CreateLogger("FtpActors.Node");
    private volatile TaskCompletionSource<(FtpNode Node, Reload Reload)> _started = NotStarted();

    /// <summary>Runs until a stop is wanted, or the node has nothing more to do.</summary>
    /// <exception cref="NodeStartException">The node cannot go on.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!await TryRunAsync(stop))
        {
            await Task.Delay(Pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
            configuration = Reread();
        }
    }

    /// <summary>Re-reads the configuration; during a start, at its end.</summary>
    public void Reload()
    {
        var (node, reload) = _started.Task.GetAwaiter().GetResult();
        manager.Reloading();
        reload.Run(ConfigTree.ProcessEnvironment());
        manager.Ready(ServiceStatus.TextAsync(node).GetAwaiter().GetResult());
    }

    /// <returns>False when it is to begin anew.</returns>
    private async Task<bool> TryRunAsync(CancellationToken stop)
    {
        try
        {
            await using var node = await FtpNode.StartAsync(configuration, logging.Factory, TimeProvider.System, stop);
            _started.SetResult((node, new Reload(node, logging)));
            await UntilOverAsync(node, stop);
            if (node.Over.IsFaulted)
            {
                _started = NotStarted();
                await node.Over;
            }
            manager.Stopping();
            if (!node.Over.IsCompleted)
                _log.Draining("Signal");
            return true;
        }
        catch (NodeLostException e)
        {
            _log.Lost(e.Message);
            return false;
        }
        catch (NodeStartException e) when (configuration.Cluster is not null && e.InnerException is JournalUnavailableException)
        {
            _log.NotStarted(e.Message, Pause.TotalSeconds);
            return false;
        }
    }

    /// <summary>Returns when a signal has come, or the node has nothing more to do.</summary>
    private async Task UntilOverAsync(FtpNode node, CancellationToken stop)
    {
        await using var status = new ServiceStatus(node, manager);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop), node.Over);
    }

    // What was put into force by SIGHUP stays so.
    private NodeConfiguration Reread()
    {
        try
        {
            return NodeConfiguration.Load(configuration.Tree.File, ConfigTree.ProcessEnvironment());
        }
        catch (ConfigurationException e)
        {
            _log.NotReread(string.Join(" | ", e.Problems));
            return configuration;
        }
    }

    private static TaskCompletionSource<(FtpNode, Reload)> NotStarted() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
