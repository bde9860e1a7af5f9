using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Watching;

/// <summary>Which folder of which file system stands at a path, and what is mounted below it.</summary>
internal static class MountPlaces
{
    /// <summary>The same text as long as nothing was mounted, unmounted or put in another's place; null when there is no folder.</summary>
    public static string? Under(string root)
    {
        var path = ReversibleText.ToBytes(root);
        if (FileStatus.TryRead(path, out _) is not { Type: FileStatus.Folder } status)
            return null;
        // "36 35 98:0 / /mnt/data rw,noatime ..." (proc_pid_mountinfo(5)); a space in a path is \040 there.
        var escaped = Encoding.UTF8.GetString(path).Replace(" ", @"\040", StringComparison.Ordinal);
        var below = File.ReadLines("/proc/self/mountinfo").Where(line => line.Split(' ') is { Length: > 4 } words
            && (words[4] == escaped || words[4].StartsWith(escaped + "/", StringComparison.Ordinal)));
        return string.Join('\n', [FileIdentity.Of(status), .. below]);
    }
}
