using System.Buffers.Binary;
using System.Security.Cryptography;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// The bookmark stored in the same transaction as a batch: which bytes at the head of which FIFO are now ours to take.
/// Bytes, little-endian: version 1, digest of boot and FIFO (8), batch number (8), length (4), SHA-256 of the bytes (32).
/// </summary>
/// <param name="Fifo">Digest of the boot and the FIFO's identity: in another boot, or another FIFO, these bytes are not.</param>
/// <param name="Batch">Number of the batch, from 1, growing by one.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Digest">Their SHA-256.</param>
internal sealed record FifoState(ulong Fifo, long Batch, int Length, byte[] Digest)
{
    private const byte Version = 1;
    private const int StateBytes = 21 + SHA256.HashSizeInBytes;

    /// <summary>Whether it is about these bytes.</summary>
    public bool IsOf(ReadOnlySpan<byte> bytes) => bytes.Length == Length && SHA256.HashData(bytes).AsSpan().SequenceEqual(Digest);

    public byte[] Encode()
    {
        var bytes = new byte[StateBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Fifo);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(9), Batch);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), Length);
        Digest.CopyTo(bytes, 21);
        return bytes;
    }

    /// <exception cref="InvalidDataException">Not a bookmark of this version.</exception>
    public static FifoState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != StateBytes || bytes[0] != Version)
        {
            throw new InvalidDataException(
                $"The stored state of this Pure-FTPd source ({bytes.Length} bytes, version {(bytes.Length > 0 ? bytes[0] : 0)}) is not of a version this program knows. Run the version that wrote it.");
        }
        return new FifoState(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[9..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]), bytes[21..].ToArray());
    }
}
