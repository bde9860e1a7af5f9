using Akka.Actor;
using Akka.Streams;

namespace FtpActors.Ingest.Tests;

/// <summary>One actor system for the streams of all tests; it ends with the process. It is silent: a helper process tells its status on its standard output.</summary>
internal static class TestStreams
{
    private static readonly ActorSystem System = ActorSystem.Create("tests", "akka { loglevel = OFF, stdout-loglevel = OFF }");

    public static IMaterializer Materializer { get; } = System.Materializer();
}
