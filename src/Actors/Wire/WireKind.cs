using System.Buffers;
using System.Runtime.Serialization;
using Akka.Actor;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Wire;

/// <summary>One kind of message: its manifest, and its bytes.</summary>
/// <param name="Type">The type.</param>
/// <param name="Manifest">Its name on the wire. It never changes.</param>
/// <param name="Write">Its bytes.</param>
/// <param name="Read">The message of bytes.</param>
/// <exception cref="SerializationException">Of <paramref name="Read"/>: they are none.</exception>
internal sealed record WireKind(Type Type, string Manifest, Func<object, byte[]> Write, Func<byte[], ExtendedActorSystem, object> Read)
{
    private const byte Version = 1;

    public delegate T Reader<T>(ref ByteReader from);

    public delegate T SystemReader<T>(ref ByteReader from, ExtendedActorSystem system);

    public static WireKind Of<T>(string manifest, Action<ByteWriter, T> write, Reader<T> read) where T : class =>
        Of(manifest, (output, message) => write(new ByteWriter(output), message), (ref from, _) => read(ref from));

    public static WireKind Of<T>(string manifest, Action<ArrayBufferWriter<byte>, T> write, SystemReader<T?> read) where T : class => new(
        typeof(T), manifest,
        message => SealedBytes.Of((T)message, write, Version),
        (bytes, system) =>
        {
            if (!SealedBytes.TryOpen(bytes, Version, out _, out var content, out var damage))
                throw new SerializationException($"A message of kind '{manifest}' cannot be read: {damage}.");
            var from = new ByteReader(content);
            var message = read(ref from, system);
            return message is not null && from.IsGood && from.IsAtEnd
                ? message
                : throw new SerializationException($"A message of kind '{manifest}' cannot be read: its content is none of this kind.");
        });
}
