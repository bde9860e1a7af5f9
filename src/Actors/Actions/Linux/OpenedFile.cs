using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>Reads files whose names and kinds strangers chose: by exact bytes, without following a link, and without waiting for a pipe.</summary>
internal static unsafe class OpenedFile
{
    private const int Block = 1 << 20;

    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] ReadAll(byte[] path, int most)
    {
        using var file = Open(path);
        var bytes = new byte[(int)Math.Min(file.Length, most)];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    /// <summary>The digest of all of it, in lower case.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled in the middle.</exception>
    public static string Digest(byte[] path, ExpectationKind kind, CancellationToken cancel)
    {
        using var file = Open(path);
        using var hash = IncrementalHash.CreateHash(kind switch
        {
            ExpectationKind.Md5 => HashAlgorithmName.MD5,
            ExpectationKind.Sha1 => HashAlgorithmName.SHA1,
            ExpectationKind.Sha256 => HashAlgorithmName.SHA256,
            _ => HashAlgorithmName.SHA512,
        });
        var block = new byte[Block];
        for (var n = file.Read(block); n > 0; n = file.Read(block))
        {
            hash.AppendData(block, 0, n);
            cancel.ThrowIfCancellationRequested();
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static FileStream Open(byte[] path)
    {
        int fd;
        fixed (byte* terminated = (byte[])[.. path, 0])
            fd = Libc.open(terminated, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
        return fd >= 0
            ? new FileStream(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Read, bufferSize: 0)
            : throw new IOException($"{ReversibleText.FromBytes(path)}: {Libc.Message(Marshal.GetLastPInvokeError())}");
    }
}
