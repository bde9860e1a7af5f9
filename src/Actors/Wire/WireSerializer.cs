using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;

namespace FtpActors.Actors.Wire;

/// <summary>
/// The bytes of messages between nodes: one manifest for each kind, version and checksum in front (a node of another version, or garbage, is so found). No name of a type is ever
/// taken from the wire; what cannot be read is an exception, which Akka.Remote logs and drops.
/// </summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly Dictionary<Type, WireKind> ByType = WireKinds.All.ToDictionary(k => k.Type);
    private static readonly Dictionary<string, WireKind> ByManifest = WireKinds.All.ToDictionary(k => k.Manifest, StringComparer.Ordinal);

    /// <summary>
    /// Binds it, and nothing else, to what nodes tell each other; Akka's own messages have Akka's own serializers. The serializer of everything else, which would make
    /// any type that a stranger names, and the one of orders to make an actor of such a type, are replaced by ones that refuse.
    /// </summary>
    public static string Config { get; } = $$"""
        akka.actor {
          serializers {
            ftpactors-wire = "{{typeof(WireSerializer).FullName}}, FtpActors.Actors"
            json = "{{typeof(RefusingAnything).FullName}}, FtpActors.Actors"
            daemon-create = "{{typeof(RefusingDeployment).FullName}}, FtpActors.Actors"
          }
          serialization-bindings {
        {{string.Join('\n', WireKinds.All.Select(k => $"    \"{k.Type.FullName}, {k.Type.Assembly.GetName().Name}\" = ftpactors-wire"))}}
            "System.Object" = json
          }
        }

        """;

    /// <summary>It never changes: nodes of different versions speak to each other.</summary>
    public override int Identifier => 1703;

    /// <inheritdoc/>
    public override string Manifest(object o) => KindOf(o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => KindOf(obj).Write(obj);

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => ByManifest.TryGetValue(manifest, out var kind)
        ? kind.Read(bytes, system)
        : throw new SerializationException($"A message of kind '{manifest}' is not known to this version of the program.");

    private static WireKind KindOf(object message) => ByType.TryGetValue(message.GetType(), out var kind)
        ? kind
        : throw new SerializationException($"{message.GetType()} is no message between nodes.");
}
