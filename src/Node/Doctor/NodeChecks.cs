using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Doctor;

/// <summary>The node itself: user, clock, data folder, disk; then each of its sources.</summary>
internal static class NodeChecks
{
    private const long LittleRoom = 1L << 30;

    public static IReadOnlyList<Finding> All(NodeConfiguration configuration)
    {
        var all = new List<Finding>();
        var node = new Findings("node", all);
        node.Check(Environment.IsPrivilegedProcess, "Runs as root.", FindingLevel.Warn, $"Runs as {Environment.UserName}: what follows holds for that user.",
            "Check as the user that the node runs as, root for most sources.");
        node.Check(TimeCalls.IsClockKept(), "The clock is kept right.", FindingLevel.Warn, "Nothing keeps the clock right: times of several hosts cannot be compared.",
            "Run chrony or systemd-timesyncd: timedatectl set-ntp true.");
        CheckFolder(node, configuration.Node.Data);
        foreach (var source in configuration.Sources)
            Check(source, new Findings(source.Name, all), configuration);
        return all;
    }

    private static void Check(SourceSection source, Findings findings, NodeConfiguration configuration)
    {
        switch (source)
        {
            case NcFtpdQueueSection queue:
                NcFtpdChecks.Queue(queue.Options, findings);
                break;
            case NcFtpdUdpSection udp:
                NcFtpdChecks.Udp(udp.Options, findings);
                break;
            case PureFtpdSection pure:
                PureFtpdChecks.All(pure.Options, findings);
                break;
            case WatchSection watch:
                SftpChecks.Watch(watch.Options, findings);
                break;
            case OpenSshSection ssh:
                SftpChecks.OpenSsh(ssh.Options, configuration.Sources.OfType<WatchSection>().Any(w => w.Options.Beside.Contains(ssh.Name)), findings);
                break;
            default:
                findings.Say($"Nothing is checked of a source of kind {source.Kind}.");
                break;
        }
    }

    private static void CheckFolder(Findings node, string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "x");
            File.Delete(probe);
            node.Say($"The data folder {folder} can be written.");
            var room = new DriveInfo(folder).AvailableFreeSpace;
            node.Check(room >= LittleRoom, string.Create(CultureInfo.InvariantCulture, $"{room >> 20} MiB are free for the data folder."), FindingLevel.Warn,
                string.Create(CultureInfo.InvariantCulture, $"Only {room >> 20} MiB are free for the data folder {folder}: when it is full, reading stops."),
                "Make room, or move node.data to a larger disk.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            node.Add(FindingLevel.Fail, $"The data folder {folder} cannot be written: {e.Message}", "Make it with the node's user as its owner, or change node.data.");
        }
    }
}
