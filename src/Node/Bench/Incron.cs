using System.ComponentModel;
using System.Diagnostics;

namespace FtpActors.Node.Bench;

/// <summary>
/// Debian's incron on the same machine: files made in a watched folder, a command for each. An incrond of our own with a table of our own; that
/// takes root.
/// </summary>
internal static class Incron
{
    private const string Daemon = "/usr/sbin/incrond";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Why it was not measured.</summary>
    public static string WhyNot { get; private set; } = "";

    /// <summary>Files per second from the first one made to the end of the last command; null when it cannot be measured here.</summary>
    public static async Task<double?> TryRunAsync(string folder, int files, CancellationToken cancel)
    {
        if (!File.Exists(Daemon))
        {
            WhyNot = $"{Daemon} is not installed (Debian: incron)";
            return null;
        }
        if (!Environment.IsPrivilegedProcess)
        {
            WhyNot = "an incrond of our own takes root";
            return null;
        }
        var (watched, tables, done) = (Make(folder, "watched"), Make(folder, "tables"), Path.Combine(folder, "done"));
        // The command's own trace: one byte for each, so that its end can be seen. /bin/true leaves none, so a tiny program writes it.
        var config = Path.Combine(folder, "incron.conf");
        await File.WriteAllTextAsync(config, $"system_table_dir = {tables}\nuser_table_dir = {Make(folder, "users")}\nlockfile_dir = {folder}\nlockfile_name = incrond\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(tables, "bench"), $"{watched} IN_CLOSE_WRITE /bin/dd if=/dev/zero of={done} bs=1 count=1 oflag=append conv=notrunc status=none\n", cancel);
        await File.WriteAllBytesAsync(done, [], cancel);
        using var daemon = Start(config);
        if (daemon is null)
            return null;
        try
        {
            if (!await WarmsUpAsync(watched, done, cancel))
            {
                WhyNot = "incrond runs but saw no file within 10 s";
                return null;
            }
            var before = new FileInfo(done).Length;
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < files; i++)
                await File.WriteAllBytesAsync(Path.Combine(watched, $"f{i}"), [], cancel);
            while (new FileInfo(done).Length < before + files)
            {
                if (Stopwatch.GetElapsedTime(started) > Limit)
                {
                    WhyNot = $"incrond ran {new FileInfo(done).Length - before} of {files} commands in {Limit.TotalSeconds:0} s";
                    return null;
                }
                await Task.Delay(2, cancel);
            }
            return files / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string Make(string folder, string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;

    private static Process? Start(string config)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Daemon, ["-n", "-f", config]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception e)
        {
            WhyNot = e.Message;
            return null;
        }
    }

    private static async Task<bool> WarmsUpAsync(string watched, string done, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; new FileInfo(done).Length == 0; i++)
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(10))
                return false;
            await File.WriteAllBytesAsync(Path.Combine(watched, $"warm{i}"), [], cancel);
            await Task.Delay(200, cancel);
        }
        // What was asked for while warming up must be over before counting begins.
        for (var last = -1L; last != new FileInfo(done).Length; await Task.Delay(300, cancel))
            last = new FileInfo(done).Length;
        return true;
    }
}
