using System.Globalization;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>How a session of Pure-FTPd is named.</summary>
public static class PureFtpdSession
{
    /// <summary>Start in epoch seconds and pid, both in lower-case hexadecimal, with a dot between: the server's own form in its stats log.</summary>
    public static string Id(DateTimeOffset startedAt, int pid) =>
        string.Create(CultureInfo.InvariantCulture, $"{startedAt.ToUnixTimeSeconds():x}.{pid:x}");
}
