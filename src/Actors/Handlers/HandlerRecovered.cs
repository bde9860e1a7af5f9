using Akka.Actor;

namespace FtpActors.Actors.Handlers;

/// <summary>A handler has recovered. What is told to it before is lost when its recovery fails, so its parent keeps it until then.</summary>
internal sealed record HandlerRecovered : INoSerializationVerificationNeeded
{
    /// <summary>The one.</summary>
    public static HandlerRecovered Instance { get; } = new();
}
