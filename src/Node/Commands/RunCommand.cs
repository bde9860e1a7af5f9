using System.CommandLine;
using System.Runtime.InteropServices;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Commands;

/// <summary><c>run</c>: a node, until SIGTERM or SIGINT.</summary>
internal static class RunCommand
{
    public static Command Make()
    {
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file. Default: hocon/single.conf of the project.", HelpName = "FILE" };
        var command = new TaughtCommand("run",
            """
            Runs a node. SIGTERM and Ctrl-C drain it: sources stop after the batch in hand, everything stored is applied. SIGHUP re-reads
            what can change (log level, allowed senders, rules and users) and says what needs a restart. To systemd it speaks as Type=notify
            wants it, with status and watchdog.

            Examples:
              ftpactors run
              ftpactors run --config /etc/ftpactors.conf
              FTPACTORS__node__listen=127.0.0.1:9200 ftpactors run
            """) { config };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(config)?.FullName ?? NodeConfiguration.DefaultFile(), stop));
        return command;
    }

    private static async Task<int> RunAsync(string file, CancellationToken stop)
    {
        var configuration = NodeConfiguration.Load(file, ConfigTree.ProcessEnvironment());
        using var logging = new Logging(configuration.Node.LogLevel);
        var log = logging.Factory.CreateLogger("FtpActors.Node");

        await using var manager = new ServiceNotifier(ConfigTree.ProcessEnvironment(), TimeProvider.System, log);
        // Before the start: a SIGHUP that comes during it would end the process; it waits for the end of the start instead.
        var started = new TaskCompletionSource<FtpNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reload = new Lazy<Reload>(() => new Reload(started.Task.GetAwaiter().GetResult(), logging));
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            var node = started.Task.GetAwaiter().GetResult();
            manager.Reloading();
            reload.Value.Run(ConfigTree.ProcessEnvironment());
            manager.Ready(ServiceStatus.TextAsync(node).GetAwaiter().GetResult());
        });

        await using (var node = await FtpNode.StartAsync(configuration, logging.Factory, TimeProvider.System, stop))
        {
            started.SetResult(node);
            await UntilOverAsync(node, manager, stop);
            manager.Stopping();
            if (node.Over.IsCompleted)
                await node.Over;
            else
                log.Draining("Signal");
        }
        log.Ended();
        return ExitCodes.Ok;
    }

    /// <summary>Returns when a signal has come, or the node has nothing more to do.</summary>
    private static async Task UntilOverAsync(FtpNode node, ServiceNotifier manager, CancellationToken stop)
    {
        await using var status = new ServiceStatus(node, manager);
        await Task.WhenAny(Task.Delay(Timeout.Infinite, stop), node.Over);
    }
}
