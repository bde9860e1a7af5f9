using System.Globalization;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>How a session of Pure-FTPd is named.</summary>
public static class PureFtpdSession
{
    /// <summary>Start in epoch seconds and pid, both in lower-case hexadecimal, with a dot between: the server's own form in its stats log.</summary>
    public static string Id(DateTimeOffset startedAt, int pid) =>
        string.Create(CultureInfo.InvariantCulture, $"{startedAt.ToUnixTimeSeconds():x}.{pid:x}");

    /// <summary>Reads such a name; false when it is none.</summary>
    /// <param name="id">The name.</param>
    /// <param name="startedAt">Start of the session, whole seconds.</param>
    /// <param name="pid">Its process, above 0.</param>
    public static bool TryParse(string id, out DateTimeOffset startedAt, out int pid)
    {
        (startedAt, pid) = (default, 0);
        var dot = id.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0
            || !long.TryParse(id.AsSpan(0, dot), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var seconds)
            // Up to the year 9999, the end of DateTimeOffset.
            || seconds is < 0 or > 253_402_300_799
            || !int.TryParse(id.AsSpan(dot + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var process) || process <= 0)
        {
            return false;
        }
        (startedAt, pid) = (DateTimeOffset.FromUnixTimeSeconds(seconds), process);
        return true;
    }
}
