using Akka.Actor;
using Akka.Streams;

namespace FtpActors.Ingest.Tests;

/// <summary>One actor system for the streams of all tests; it ends with the process. It is silent: a helper process tells its status on its standard output.</summary>
internal static class TestStreams
{
    public static IMaterializer Materializer { get; } =
        ActorSystem.Create("tests", "akka { loglevel = OFF, stdout-loglevel = OFF }").Materializer();
}
