using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// The bookmark that is stored in the same transaction as a batch: which messages of which queue are now ours to remove.
/// Bytes, little-endian: version 1, realm digest (8), msqid (4), batch number (8), and 12 per message.
/// </summary>
/// <param name="Realm">Digest of boot and IPC namespace: in another one the queue is another.</param>
/// <param name="QueueId">msqid.</param>
/// <param name="Batch">Number of the batch, from 1, growing by one.</param>
/// <param name="Marks">Its messages, in order.</param>
internal sealed record TakingState(ulong Realm, int QueueId, long Batch, MessageMark[] Marks)
{
    private const byte Version = 1;
    private const int HeadBytes = 21;
    private const int MarkBytes = 12;

    public static ulong DigestOf(string realm) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(realm)));

    public byte[] Encode()
    {
        var bytes = new byte[HeadBytes + Marks.Length * MarkBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), Realm);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(9), QueueId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(13), Batch);
        for (var i = 0; i < Marks.Length; i++)
        {
            var at = bytes.AsSpan(HeadBytes + i * MarkBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(at, Marks[i].Digest);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], Marks[i].Length);
        }
        return bytes;
    }

    /// <exception cref="InvalidDataException">Not a bookmark of this version.</exception>
    public static TakingState Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadBytes || bytes[0] != Version || (bytes.Length - HeadBytes) % MarkBytes != 0)
        {
            throw new InvalidDataException(
                $"The stored state of this queue source ({bytes.Length} bytes, version {(bytes.Length > 0 ? bytes[0] : 0)}) is not of a version this program knows. Run the version that wrote it.");
        }
        var marks = new MessageMark[(bytes.Length - HeadBytes) / MarkBytes];
        for (var i = 0; i < marks.Length; i++)
        {
            var at = bytes[(HeadBytes + i * MarkBytes)..];
            marks[i] = new MessageMark(BinaryPrimitives.ReadUInt64LittleEndian(at), BinaryPrimitives.ReadInt32LittleEndian(at[8..]));
        }
        return new TakingState(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[13..]), marks);
    }
}
