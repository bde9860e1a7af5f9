using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FtpActors.Ingest.Queue;

/// <summary>What is remembered of a message that is about to be removed: enough to know it again.</summary>
/// <param name="Digest">First 8 bytes of SHA-256 over type and text.</param>
/// <param name="Length">Bytes of type and text.</param>
internal readonly record struct MessageMark(ulong Digest, int Length)
{
    public static MessageMark Of(ReadOnlySpan<byte> message)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(message, hash);
        return new MessageMark(BinaryPrimitives.ReadUInt64LittleEndian(hash), message.Length);
    }
}
