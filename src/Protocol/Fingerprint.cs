using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace FtpActors.Protocol;

/// <summary>
/// Digest of a datagram and its sender, by which the sequencer knows a duplicate. Cryptographic, because users choose the names of files:
/// nobody may be able to make two messages with one fingerprint, of which the second would vanish as a duplicate.
/// </summary>
public static class Fingerprint
{
    /// <summary>The fingerprint: base64url of the first 16 bytes of SHA-256 over the sender's length, the sender and the datagram.</summary>
    /// <param name="sender">Address and port of the sender, in any form that is always the same for the same sender.</param>
    /// <param name="datagram">The whole datagram.</param>
    /// <returns>22 characters.</returns>
    public static string Of(ReadOnlySpan<byte> sender, ReadOnlySpan<byte> datagram)
    {
        // The length keeps a byte from moving between sender and datagram unnoticed.
        var length = sizeof(int) + sender.Length + datagram.Length;
        var input = length <= 2048 ? stackalloc byte[length] : new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(input, sender.Length);
        sender.CopyTo(input[sizeof(int)..]);
        datagram.CopyTo(input[(sizeof(int) + sender.Length)..]);

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        return Base64Url.EncodeToString(digest[..16]);
    }
}
