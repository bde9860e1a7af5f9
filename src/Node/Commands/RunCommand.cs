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
        using var logging = new Logging(configuration.Node.LogLevel, configuration.Node.LogsJson);
        var log = logging.Factory.CreateLogger("FtpActors.Node");

        await using var manager = new ServiceNotifier(ConfigTree.ProcessEnvironment(), TimeProvider.System, log);
        var run = new NodeRun(configuration, logging, manager);
        // Before the start: a SIGHUP that comes during it would end the process; it waits for the end of the start instead.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            run.Reload();
        });
        await run.RunAsync(stop);
        log.Ended();
        return ExitCodes.Ok;
    }
}
