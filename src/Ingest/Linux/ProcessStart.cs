using System.Globalization;
using System.Text;

namespace FtpActors.Ingest.Linux;

/// <summary>When a process began, from <c>/proc/&lt;pid&gt;/stat</c>: with the pid it names a process as long as the machine runs.</summary>
internal static class ProcessStart
{
    /// <summary>Unit of the starts: USER_HZ, 100 a second on every machine .NET runs on.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Ticks from the boot to the start of the process; null when there is none, or only its zombie.</summary>
    public static long? TicksOf(int pid) => Read(pid) is { IsZombie: false } stat ? stat.Ticks : null;

    /// <summary>Start and parent of a process, which its zombie still has; null when there is none.</summary>
    public static (long Ticks, int Parent, bool IsZombie)? Read(int pid)
    {
        try
        {
            return ParseAll(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException { HResult: Errno.ESRCH })
        {
            return null;
        }
    }

    /// <summary>Field 22 of the line (proc_pid_stat(5)); null of a zombie. The name in brackets is the process's own choice and may hold brackets and spaces.</summary>
    internal static long? Parse(ReadOnlySpan<byte> stat) => ParseAll(stat) is { IsZombie: false } all ? all.Ticks : null;

    private static (long Ticks, int Parent, bool IsZombie)? ParseAll(ReadOnlySpan<byte> stat)
    {
        var fields = Encoding.ASCII.GetString(stat[(stat.LastIndexOf((byte)')') + 1)..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 19 && long.TryParse(fields[19], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            ? (ticks, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0] is "Z" or "X" or "x")
            : null;
    }
}
