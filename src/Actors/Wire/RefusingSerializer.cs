using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace FtpActors.Actors.Wire;

/// <summary>In the place of Akka's serializer of anything (its number is that one's): what has no serializer of its own is neither sent nor made from what comes.</summary>
/// <param name="system">The system.</param>
/// <param name="settings">Of the one in whose place it is; not needed.</param>
#pragma warning disable CS9113 // Akka gives settings to whatever stands there.
public sealed class RefusingSerializer(ExtendedActorSystem system, Config settings) : Serializer(system)
#pragma warning restore CS9113
{
    /// <inheritdoc/>
    public override int Identifier => 1;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} is no message between nodes: it is not among the kinds of {nameof(WireSerializer)}.");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException("What has come is of no kind that nodes tell each other.");
}
