using System.CommandLine;
using System.CommandLine.Invocation;
using FtpActors.Node.Bench;
using FtpActors.Node.Commands;
using FtpActors.Node.Commands.Cluster;

// The commands, in the order of the help text. Each is one file in Commands/.
var root = new RootCommand(
    """
    FtpActors reads what FTP servers report, keeps every event, and rebuilds each session.

    Start here:
      ftpactors demo                     a node with simulated users, live on this terminal
      ftpactors run                      a node as hocon/single.conf says
      ftpactors who                      who is logged in, and what they are doing
      ftpactors sessions --since 7d      the sessions of a week
    """)
{
    RunCommand.Make(),
    DemoCommand.Make(),
    WhoCommand.Make(),
    SessionsCommand.Make(),
    EventsCommand.Make(),
    StatusCommand.Make(),
    BacklogCommand.Make(),
    ClusterCommand.Make(),
    RulesCommand.Make(),
    DeliveriesCommand.Make(),
    QuarantineCommand.Make(),
    RestartedCommand.Make(),
    ProftpdCommand.Make(),
    AuthdCommand.Make(),
    ReplayCommand.Make(),
    RebuildCommand.Make(),
    JournalCommand.Make(),
    BackupCommand.Make(),
    TokenCommand.Make(),
    DoctorCommand.Make(),
    DecodeCommand.Make(),
    SimulateCommand.Make(),
    BenchCommand.Make(),
    CompletionCommand.Make(),
};

TaughtCommand.TeachIn(root);

// Without a command: the help text, as a usage error.
var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Action is ParseErrorAction)
    return Failures.Usage(parsed);

using var signals = new Signals();
var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
try
{
    var code = await parsed.InvokeAsync(settings, signals.Stop);
    return args.Length == 0 ? ExitCodes.Usage : code;
}
catch (Exception e) when (Failures.IsExpected(e, signals.Stop))
{
    return Failures.Report(e);
}
