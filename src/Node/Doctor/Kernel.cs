using System.Globalization;

namespace FtpActors.Node.Doctor;

/// <summary>What the kernel says of itself.</summary>
internal static class Kernel
{
    /// <summary>A number below <c>/proc/sys</c>, such as <c>fs/inotify/max_user_watches</c>; null when this kernel has none.</summary>
    public static long? Setting(string name)
    {
        var file = "/proc/sys/" + name;
        return File.Exists(file) && long.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>Processes, other than this one, that have a file open, as <c>name (pid)</c>. Those of other users are seen by root only.</summary>
    public static IReadOnlyList<string> UsersOf(string path)
    {
        var users = new List<string>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                if (Path.GetFileName(process) != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                    && Directory.EnumerateFiles(process + "/fd").Any(fd => new FileInfo(fd).LinkTarget == path))
                    users.Add($"{File.ReadAllText(process + "/comm").Trim()} ({Path.GetFileName(process)})");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another user's.
            }
        }
        return users;
    }
}
