using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using MsLogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace FtpActors.Node.Hosting;

/// <summary>Where the lines of an actor system go.</summary>
internal sealed class AkkaLogSetup(ILoggerFactory loggers) : Setup
{
    public ILoggerFactory Loggers => loggers;
}

/// <summary>Takes the lines of an actor system to the node's log, each under the type of who says it.</summary>
internal sealed class AkkaLog : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    // What this program says itself, once, with what comes of it ('status' and 'cluster status' show it): faults of streams, connections and questions of regions.
    private static readonly string[] SaidElsewhere =
    [
        "Restarting graph due to failure", "An exception occured inside SelectAsync", "No coordinator found to register", "Trying to register to coordinator",
        "Requested shard homes", "No seed-nodes configured", "InitJoin", "Removing receive buffers", "Tried to associate with unreachable remote address",
        "is now gated for", "Disassociated", "Ignoring received gossip",
    ];

    // A stranger at the port of the cluster must not fill the log.
    private const string Transport = "Akka.Remote.Transport.DotNetty";
    private static readonly TimeSpan TransportEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Type, DateTime> _saidAt = [];

    public AkkaLog()
    {
        var loggers = Context.System.Settings.Setup.Get<AkkaLogSetup>().Value.Loggers;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e =>
        {
            var text = e.Message?.ToString() ?? "";
            if (!Array.Exists(SaidElsewhere, said => text.Contains(said, StringComparison.Ordinal)) && IsDue(e))
                loggers.CreateLogger(e.LogClass.FullName ?? e.LogSource).ActorSaid(LevelOf(e), e.Cause, text);
        });
    }

    private bool IsDue(LogEvent e)
    {
        if (e.LogClass.Namespace != Transport)
            return true;
        if (_saidAt.TryGetValue(e.LogClass, out var at) && e.Timestamp - at < TransportEvery)
            return false;
        _saidAt[e.LogClass] = e.Timestamp;
        return true;
    }

    private static MsLogLevel LevelOf(LogEvent e) => e switch
    {
        Error => MsLogLevel.Error,
        Warning => MsLogLevel.Warning,
        Info => MsLogLevel.Information,
        _ => MsLogLevel.Debug,
    };
}
