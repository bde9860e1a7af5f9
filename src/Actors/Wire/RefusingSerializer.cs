using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace FtpActors.Actors.Wire;

/// <summary>
/// In the place of a serializer of Akka's, with its number: what has no serializer of its own is neither sent nor made from what comes. It takes manifests as mere texts, because Akka
/// looks up the type that a manifest names for every other kind of serializer, before that is asked.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="identifier">The number.</param>
public abstract class RefusingSerializer(ExtendedActorSystem system, int identifier) : SerializerWithStringManifest(system)
{
    /// <inheritdoc/>
    public override int Identifier => identifier;

    /// <inheritdoc/>
    public override string Manifest(object o) => "";

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => throw new SerializationException($"{obj.GetType()} is no message between nodes: it is not among the kinds of {nameof(WireSerializer)}.");

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => throw new SerializationException("What has come is of no kind that nodes tell each other.");
}

/// <summary>In the place of Akka's serializer of anything (Newtonsoft.Json).</summary>
/// <param name="system">The system.</param>
/// <param name="settings">Of the one in whose place it is; not needed.</param>
#pragma warning disable CS9113 // Akka gives settings to whatever stands there.
public sealed class RefusingAnything(ExtendedActorSystem system, Config settings) : RefusingSerializer(system, 1);
#pragma warning restore CS9113

/// <summary>In the place of Akka's serializer of orders to make an actor of a named type here: nobody deploys anything on another node.</summary>
/// <param name="system">The system.</param>
public sealed class RefusingDeployment(ExtendedActorSystem system) : RefusingSerializer(system, 3);
