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
    public AkkaLog()
    {
        var loggers = Context.System.Settings.Setup.Get<AkkaLogSetup>().Value.Loggers;
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(e => loggers.CreateLogger(e.LogClass.FullName ?? e.LogSource).ActorSaid(LevelOf(e), e.Cause, e.Message?.ToString() ?? ""));
    }

    private static MsLogLevel LevelOf(LogEvent e) => e switch
    {
        Error => MsLogLevel.Error,
        Warning => MsLogLevel.Warning,
        Info => MsLogLevel.Information,
        _ => MsLogLevel.Debug,
    };
}
