using FtpActors.Ingest.Linux;
using FtpActors.Protocol.PureFtpd;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>How one <c>client-*</c> file is read, and when a process may be the one it is about.</summary>
internal static class ScoreboardFile
{
    public const string Pattern = Prefix + "*";
    private const string Prefix = "client-";

    /// <summary>The server notes whole seconds, cut, and a little after it forked the session.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Readings of one file until two agree. The server changes its names under a lock in microseconds; more readings than this need bad luck twice.</summary>
    private const int MostReadings = 5;

    /// <summary>The process of a file, from its name; null when it is not the server's (Debian's pid file lies in the same folder).</summary>
    public static int? PidOf(string path) =>
        int.TryParse(Path.GetFileName(path.AsSpan())[Prefix.Length..], System.Globalization.NumberStyles.None, null, out var pid) && pid > 0 ? pid : null;

    /// <summary>Opens it; null when it is gone, or is no file.</summary>
    public static SafeFileHandle? Open(string path)
    {
        // A pipe of that name would block the open.
        if (FileStatus.TryRead(System.Text.Encoding.UTF8.GetBytes(path), out _) is not { Type: FileStatus.Regular })
            return null;
        try
        {
            // Shared in full: .NET then takes no lock at all.
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>An entry whose names and times were the same twice; null when the server has only just made it, or with a reason.</summary>
    public static ScoreboardEntry? Read(SafeFileHandle file, int pid, out string? reason)
    {
        var bytes = new byte[ScoreboardLayout.Longest + 1];
        ScoreboardEntry? last = null;
        reason = null;
        for (var reading = 0; reading < MostReadings; reading++)
        {
            if (RandomAccess.Read(file, bytes, 0) is not (> 0 and var length))
                return null;
            if (!ScoreboardEntry.TryDecode(bytes.AsSpan(0, length), out var entry, out reason))
                return null;
            // The sizes move all the time, and each is written whole.
            var agrees = last is not null && entry == last with { CurrentSize = entry.CurrentSize, TotalSize = entry.TotalSize };
            last = entry;
            if (agrees)
                break;
        }
        if (last!.Pid == 0)
            return null;
        reason = last.Pid == pid ? null : $"it is of process {last.Pid}";
        return reason is null ? last : null;
    }

    /// <summary>Whether a process that began so many ticks after the boot can have begun this session: else its pid was used again, perhaps since another boot.</summary>
    public static bool MayHaveBegun(long ticks, ScoreboardEntry entry) =>
        DateTimeOffset.UtcNow - TimeCalls.SinceBoot() + ticks * ProcessStart.Tick <= entry.StartedAt + Tolerance;

    /// <summary>A line for a person.</summary>
    public static string Refusal(string path, string reason) => $"{Path.GetFileName(path)}: {reason}";

    /// <summary>A sentence for a person.</summary>
    public static string Trouble(string folder, Exception e) =>
        $"The scoreboard {folder} cannot be read: {e.Message} This program runs as {Environment.UserName}; run it as root.";
}
