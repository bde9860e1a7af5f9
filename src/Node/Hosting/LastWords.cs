using Akka.Event;

namespace FtpActors.Node.Hosting;

/// <summary>What Akka says before its loggers have begun and after they have ended: errors, where errors go. Its own prints everything on standard output, which belongs to answers.</summary>
internal sealed class LastWords : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
        if (message is Error error)
            Console.Error.WriteLine(error);
    }
}
