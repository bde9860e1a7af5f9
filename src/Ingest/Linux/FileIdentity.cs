using System.Globalization;
using System.Text;

namespace FtpActors.Ingest.Linux;

/// <summary>Names a file for as long as it is there, whatever its path is.</summary>
internal static class FileIdentity
{
    /// <summary>Device, inode and time of birth: a removed file's inode number is soon used again.</summary>
    public static string Of(FileStatus status) => string.Create(CultureInfo.InvariantCulture, $"{status.Device:x}:{status.Inode}:{status.BornAt}");

    /// <summary>Of what stands at a path now, null when there is nothing.</summary>
    public static string? At(string path) => FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is { } status ? Of(status) : null;
}
