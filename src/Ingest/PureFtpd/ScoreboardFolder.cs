using FtpActors.Ingest.Linux;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// The live sessions of Pure-FTPd's scoreboard folder, such as <c>/var/run/pure-ftpd</c>. Takes no lock: the server waits for a lock of its files without
/// limit. Must run in the server's pid namespace. Belongs to one thread.
/// </summary>
/// <param name="folder">Path of the folder.</param>
public sealed class ScoreboardFolder(string folder)
{
    private const string Prefix = "client-";

    /// <summary>The server notes whole seconds, cut, and a little after it forked the session.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Readings of one file until two agree. The server changes its names under a lock in microseconds; more readings than this need bad luck twice.</summary>
    private const int MostReadings = 5;

    /// <summary>
    /// Sessions of the last reading by pid: start of the process in ticks and start of the session. Known ones live as long as the same process does, also when the
    /// wall clock was set meanwhile.
    /// </summary>
    private Dictionary<int, (long Ticks, DateTimeOffset StartedAt)> _known = [];

    /// <summary>
    /// Reads all files. An entry counts when the process in it lives and did not start after the session: otherwise the pid was used again, perhaps since
    /// another boot, and the file was left by a server that was killed.
    /// </summary>
    public ScoreboardReading Read()
    {
        var sessions = new List<ScoreboardEntry>();
        var refused = new List<string>();
        var known = new Dictionary<int, (long, DateTimeOffset)>();
        try
        {
            // By the name alone: Debian's pid file lies in the same folder.
            foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*"))
            {
                if (!ulong.TryParse(Path.GetFileName(path.AsSpan())[Prefix.Length..], out var pid) || ReadTwice(path, refused) is not { } entry)
                    continue;
                if (entry.Pid != 0 && (ulong)entry.Pid != pid)
                    refused.Add($"{Path.GetFileName(path)}: it is of process {entry.Pid}");
                else if (entry.State != ScoreboardState.Free && entry.Pid != 0 && LivingSince(entry) is { } ticks && known.TryAdd(entry.Pid, (ticks, entry.StartedAt)))
                    sessions.Add(entry);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Also when it goes while it is read: what was read is gone with it.
            sessions.Clear();
            known.Clear();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ScoreboardReading([], $"The scoreboard {folder} cannot be read: {e.Message} This program runs as {Environment.UserName}; run it as root.", []);
        }
        _known = known;
        return new ScoreboardReading(sessions, null, refused);
    }

    private long? LivingSince(ScoreboardEntry entry)
    {
        if (ProcessStart.TicksOf(entry.Pid) is not { } ticks)
            return null;
        if (_known.TryGetValue(entry.Pid, out var known) && known == (ticks, entry.StartedAt))
            return ticks;
        var began = DateTimeOffset.UtcNow - TimeCalls.SinceBoot() + ticks * ProcessStart.Tick;
        return began <= entry.StartedAt + Tolerance ? ticks : null;
    }

    /// <summary>An entry whose names and times were the same twice; null when there is none, or no longer.</summary>
    private static ScoreboardEntry? ReadTwice(string path, List<string> refused)
    {
        var file = new byte[ScoreboardLayout.Longest + 1];
        ScoreboardEntry? last = null;
        for (var reading = 0; reading < MostReadings; reading++)
        {
            if (ReadFile(path, file) is not (> 0 and var length))
                return null;
            if (!ScoreboardEntry.TryDecode(file.AsSpan(0, length), out var entry, out var reason))
            {
                refused.Add($"{Path.GetFileName(path)}: {reason}");
                return null;
            }
            // The sizes move all the time, and each is written whole.
            if (last is not null && entry == last with { CurrentSize = entry.CurrentSize, TotalSize = entry.TotalSize })
                return entry;
            last = entry;
        }
        return last;
    }

    /// <summary>Bytes read, at most as many as there is room for; 0 when the file is gone or only just made, or is no file.</summary>
    private static int ReadFile(string path, byte[] buffer)
    {
        // A pipe of that name would block the open.
        if (FileStatus.TryRead(System.Text.Encoding.UTF8.GetBytes(path), out _) is not { Type: FileStatus.Regular })
            return 0;
        try
        {
            // Shared in full: .NET then takes no lock at all.
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return RandomAccess.Read(handle, buffer, 0);
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
