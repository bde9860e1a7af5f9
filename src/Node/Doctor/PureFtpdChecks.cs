using System.Globalization;
using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.Node.Doctor;

/// <summary>Pure-FTPd's pipe, scoreboard and log.</summary>
internal static class PureFtpdChecks
{
    public static void All(PureFtpdOptions options, Findings findings)
    {
        if (options.Pipe is { } pipe)
            Pipe(pipe, options, findings);
        if (options.Scoreboard is { } folder)
            CanRead(folder, Directory.Exists(folder), "scoreboard", "Pure-FTPd makes the folder when it starts; its path is compiled in.", findings, () => Directory.GetFiles(folder));
        if (options.Altlog is { } log)
        {
            CanRead(log, File.Exists(log), "alternative log", $"Start Pure-FTPd with -O clf:{log} or -O stats:{log}.", findings, () =>
            {
                using var file = File.OpenRead(log);
            });
        }
    }

    private static void Pipe(string pipe, PureFtpdOptions options, Findings findings)
    {
        var status = FileStatus.TryRead(Encoding.UTF8.GetBytes(pipe), out _);
        if (status is null)
        {
            findings.Add(FindingLevel.Warn, $"There is no upload pipe {pipe} yet; the node makes it.", "Start the node before Pure-FTPd with -o, which waits for a reader.");
            return;
        }
        findings.Check(status.Type == FileStatus.Fifo && status.Uid == options.Owner, $"{pipe} is a pipe of uid {status.Uid}.", FindingLevel.Fail,
            $"{pipe} is no pipe of uid {options.Owner}.", "Remove it; the node makes it anew, as root.");
        var readers = Kernel.UsersOf(pipe).Where(u => u.StartsWith("pure-uploadscr", StringComparison.Ordinal)).ToList();
        findings.Check(readers.Count == 0, "No pure-uploadscript reads the pipe.", FindingLevel.Fail, $"{string.Join(", ", readers)} reads the pipe, too, and takes records away.",
            "Stop it: a rule with \"exec\" does what it does.");
        var most = Kernel.Setting("fs/pipe-max-size") ?? 0;
        findings.Check(most >= options.PipeBytes || Environment.IsPrivilegedProcess, "The pipe gets the room that is wanted.", FindingLevel.Warn,
            string.Create(CultureInfo.InvariantCulture, $"A pipe gets {most} bytes (fs.pipe-max-size), {options.PipeBytes} are wanted: when it is full, finished uploads hang."),
            string.Create(CultureInfo.InvariantCulture, $"sysctl -w fs.pipe-max-size={options.PipeBytes}."));
    }

    private static void CanRead(string path, bool isThere, string what, string mend, Findings findings, Action read)
    {
        if (!isThere)
        {
            findings.Add(FindingLevel.Warn, $"There is no {what} {path}.", mend);
            return;
        }
        try
        {
            read();
            findings.Say($"The {what} {path} can be read.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Add(FindingLevel.Fail, $"The {what} {path} cannot be read: {e.Message}", "Run the node as root.");
        }
    }
}
