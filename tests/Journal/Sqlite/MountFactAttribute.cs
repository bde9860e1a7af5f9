using System.Diagnostics;

namespace FtpActors.Journal.Tests.Sqlite;

/// <summary>A test that mounts a small file system. Skipped where that is not permitted, but never on a build server.</summary>
public sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Permitted = new(() =>
    {
        if (!Environment.IsPrivilegedProcess)
            return false;
        using var folder = new DataFolder();
        if (!Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.Path))
            return false;
        return Run("umount", folder.Path);
    });

    public MountFactAttribute()
    {
        if (!Permitted.Value && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs the right to mount a file system (root)";
    }

    internal static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
