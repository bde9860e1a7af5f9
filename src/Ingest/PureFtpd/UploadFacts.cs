using System.Globalization;
using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>What the file system says of a file that was just uploaded, for <see cref="FtpEvent.Extra"/>. The record itself says nothing of it.</summary>
internal static class UploadFacts
{
    /// <summary>
    /// <c>size=</c> bytes of the whole file (not what came in this transfer), <c>uid=</c>, <c>gid=</c>, <c>mode=</c> octal, <c>mtime=</c> ISO 8601 in UTC; or
    /// <c>file=</c> and why there are none.
    /// </summary>
    /// <param name="path">The path, as <see cref="ReversibleText"/>.</param>
    /// <param name="size">The same bytes as a number, null when there is no such file.</param>
    public static IReadOnlyList<string> Of(string path, out long? size)
    {
        size = null;
        var status = FileStatus.TryRead(ReversibleText.ToBytes(path), out var errno);
        if (status is null)
            return [errno == Errno.ENOENT ? "file=gone" : $"file={Marshal.GetPInvokeErrorMessage(errno)}"];
        if (status.Type != FileStatus.Regular)
            return ["file=not regular"];
        size = status.Size;
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"size={status.Size}"),
            string.Create(CultureInfo.InvariantCulture, $"uid={status.Uid}"),
            string.Create(CultureInfo.InvariantCulture, $"gid={status.Gid}"),
            $"mode=0{Convert.ToString(status.Permissions, 8)}",
            string.Create(CultureInfo.InvariantCulture, $"mtime={status.ModifiedAt.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}"),
        ];
    }
}
