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
            foreach (var path in Directory.EnumerateFiles(folder, ScoreboardFile.Pattern))
            {
                if (ScoreboardFile.PidOf(path) is not { } pid)
                    continue;
                using var file = ScoreboardFile.Open(path);
                if (file is null)
                    continue;
                var entry = ScoreboardFile.Read(file, pid, out var reason);
                if (reason is not null)
                    refused.Add(ScoreboardFile.Refusal(path, reason));
                else if (entry is not null && entry.State != ScoreboardState.Free && LivingSince(entry) is { } ticks && known.TryAdd(pid, (ticks, entry.StartedAt)))
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
            return new ScoreboardReading([], ScoreboardFile.Trouble(folder, e), []);
        }
        _known = known;
        return new ScoreboardReading(sessions, null, refused);
    }

    private long? LivingSince(ScoreboardEntry entry) =>
        ProcessStart.TicksOf(entry.Pid) is { } ticks
            && ((_known.TryGetValue(entry.Pid, out var known) && known == (ticks, entry.StartedAt)) || ScoreboardFile.MayHaveBegun(ticks, entry))
            ? ticks
            : null;
}
