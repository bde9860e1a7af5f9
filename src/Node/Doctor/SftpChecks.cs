using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.OpenSsh;
using FtpActors.Ingest.Watching;
using FtpActors.Protocol;

namespace FtpActors.Node.Doctor;

/// <summary>Watched folders, and OpenSSH with the sockets that it logs to.</summary>
internal static class SftpChecks
{
    private const string SshdConfig = "/etc/ssh/sshd_config";
    private static readonly string[] Network = ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "lustre", "ceph", "glusterfs", "fuse.glusterfs", "afs"];

    public static void Watch(WatchOptions options, Findings findings)
    {
        var path = options.Path;
        if (!Directory.Exists(path))
        {
            findings.Add(FindingLevel.Fail, $"There is no folder {path}.", "Make it, mount it, or name another in \"path\".");
            return;
        }
        var kind = FileSystemOf(path);
        findings.Check(options.Poll is not null || !Network.Contains(kind), $"{path} is on {kind}{(options.Poll is null ? ", whose changes inotify hears" : ", which is polled")}.", FindingLevel.Warn,
            $"{path} is on {kind}: of what other machines do there inotify hears nothing.", "Run the node where the disk is, or give \"poll\": \"30s\".");
        var folders = CountFolders(path);
        var watches = Kernel.Setting("fs/inotify/max_user_watches") ?? 0;
        findings.Check(options.Poll is not null || folders < watches * 8 / 10, string.Create(CultureInfo.InvariantCulture, $"{folders} folders of {watches} that may be watched (fs.inotify.max_user_watches)."),
            FindingLevel.Warn, string.Create(CultureInfo.InvariantCulture, $"{folders} folders, and {watches} may be watched (fs.inotify.max_user_watches): the rest is scanned every 30 s."),
            string.Create(CultureInfo.InvariantCulture, $"sysctl -w fs.inotify.max_user_watches={folders * 2}, and the same in /etc/sysctl.d."));
        var queue = Kernel.Setting("fs/inotify/max_queued_events") ?? 0;
        findings.Check(queue >= 16_384, string.Create(CultureInfo.InvariantCulture, $"The kernel keeps {queue} records (fs.inotify.max_queued_events)."), FindingLevel.Warn,
            string.Create(CultureInfo.InvariantCulture, $"The kernel keeps {queue} records only; a burst overflows it, and the folder is scanned again."), "sysctl -w fs.inotify.max_queued_events=65536.");
        var probe = Directory.EnumerateFiles(path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).FirstOrDefault();
        if (probe is not null)
        {
            findings.Check(FileLease.HasWriter(ReversibleText.ToBytes(ReversibleText.FromBytes(Encoding.UTF8.GetBytes(probe)))) is not null, "The kernel tells who has files open.", FindingLevel.Warn,
                "The kernel does not tell this user who has files open, so a stalled upload may be taken for finished.", "Run the node as root (CAP_LEASE), on the machine whose disk it is.");
        }
    }

    public static void OpenSsh(OpenSshOptions options, bool hasWatch, Findings findings)
    {
        if (!hasWatch)
            findings.Say("No watch is beside it: copies by rsync and scp -O are not told, and lines that are lost stay lost.");
        if (options.File is { } file)
        {
            findings.Check(File.Exists(file), $"The file {file} is there; its sessions are likely, not exact.", FindingLevel.Fail, $"There is no file {file}.", "Name the file that the syslog writes facility auth to.");
            return;
        }
        if (options.Journal)
        {
            var problem = SystemJournal.Problem(options.JournalFolder);
            findings.Check(problem is null, "The journal can be read; its sessions are likely, not exact.", FindingLevel.Fail, problem ?? "", "Or read the sockets, which tells sessions exactly.");
        }
        foreach (var socket in options.Sockets)
            Socket(socket, options, findings);
        if (options.Forward is { } forward)
            findings.Check(IsAlive(forward), $"The syslog at {forward} listens.", FindingLevel.Warn, $"Nobody listens on {forward}: the machine's own log gets no lines.", "Start the syslog, or set \"forward\": null.");
        Sshd(findings);
    }

    private static void Socket(string path, OpenSshOptions options, Findings findings)
    {
        var folder = Path.GetDirectoryName(path)!;
        var link = new FileInfo(path).LinkTarget;
        if (!Directory.Exists(folder))
            findings.Add(FindingLevel.Fail, $"There is no folder {folder} for the socket {path}.", $"mkdir {folder}; in a chroot it must belong to root.");
        else if (link is not null)
            findings.Check(options.Forward is not null, $"{path} leads to {link}; the node takes its place and sends on.", FindingLevel.Fail, $"{path} leads to {link}, the machine's own syslog.", $"Give \"forward\": \"{link}\".");
        else if (IsAlive(path))
            findings.Add(FindingLevel.Warn, $"A program listens on {path}: {string.Join(", ", Kernel.UsersOf(path))}", "Fine when it is this very node (ss -lxp shows whose it is); else have that one listen elsewhere and name that in \"forward\".");
        else
            findings.Say($"The socket {path} is free.");
    }

    // What of the server's own configuration can be read.
    private static void Sshd(Findings findings)
    {
        if (!File.Exists(SshdConfig))
            return;
        try
        {
            var lines = File.ReadAllLines(SshdConfig).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
            var sftp = lines.Find(l => l.StartsWith("Subsystem", StringComparison.OrdinalIgnoreCase) && l.Contains("sftp", StringComparison.Ordinal));
            findings.Check(sftp?.Contains(" -l ", StringComparison.Ordinal) == true, $"{SshdConfig}: {sftp}", FindingLevel.Fail, $"{SshdConfig}: sftp logs nothing ({sftp ?? "no Subsystem sftp"}).",
                "Write \"Subsystem sftp internal-sftp -l VERBOSE\", and -l VERBOSE behind each ForceCommand internal-sftp; then reload sshd.");
            findings.Check(lines.Exists(l => l.StartsWith("LogLevel", StringComparison.OrdinalIgnoreCase) && l.Contains("VERBOSE", StringComparison.OrdinalIgnoreCase)), $"{SshdConfig}: LogLevel VERBOSE.",
                FindingLevel.Warn, $"{SshdConfig}: without LogLevel VERBOSE the ports of connections that fail and the numbers of channels are not known.", "Write \"LogLevel VERBOSE\" and reload sshd.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Say($"{SshdConfig} cannot be read: {e.Message}");
        }
    }

    private static bool IsAlive(string path)
    {
        if (FileStatus.TryRead(Encoding.UTF8.GetBytes(path), out _) is not { Type: FileStatus.Socket })
            return false;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FileSystemOf(string path)
    {
        // "36 35 98:0 / /mnt rw - ext4 /dev/sda1 rw": the type stands behind " - ".
        var best = ("", "an unknown file system");
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            var at = line.Split(' ')[4].Replace(@"\040", " ", StringComparison.Ordinal);
            if ((path == at || path.StartsWith(at.TrimEnd('/') + "/", StringComparison.Ordinal)) && at.Length >= best.Item1.Length)
                best = (at, line.Split(" - ")[1].Split(' ')[0]);
        }
        return best.Item2;
    }

    private static long CountFolders(string path) =>
        1 + Directory.EnumerateDirectories(path, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).LongCount();
}
