using FtpActors.Ingest.Linux;
using FtpActors.Protocol.PureFtpd;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// The scoreboard folder with every file held open from its first sight to its end. A session that came and went between two readings has then still said who
/// it was, and how far its last transfer came: the server removes the file, and what we hold stays. One descriptor per session. Belongs to one thread.
/// </summary>
internal sealed class ScoreboardFiles(string folder) : IDisposable
{
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>Reads all files, and those that are gone for the last time.</summary>
    public ScoreboardReading Read()
    {
        var sessions = new List<ScoreboardEntry>();
        var ended = new List<ScoreboardEntry>();
        var refused = new List<string>();
        var hasUnfilled = false;
        try
        {
            var present = Names();
            foreach (var (path, held) in _held.Where(h => !present.Contains(h.Key) || !h.Value.IsAt(h.Key)).ToList())
            {
                _ = Look(path, held, isGone: true, sessions, ended, refused);
                held.File.Dispose();
                _held.Remove(path);
            }
            foreach (var path in present)
            {
                if (!_held.TryGetValue(path, out var held))
                {
                    if (Open(path) is not { } fresh)
                        continue;
                    _held[path] = held = fresh;
                }
                hasUnfilled |= !Look(path, held, isGone: false, sessions, ended, refused);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was already told as ended would be forgotten: it is told with the trouble.
            return new ScoreboardReading([], ScoreboardFile.Trouble(folder, e), []) { Ended = ended };
        }
        return new ScoreboardReading(sessions, null, refused) { Ended = ended, HasUnfilled = hasUnfilled };
    }

    public void Dispose()
    {
        foreach (var held in _held.Values)
            held.File.Dispose();
        _held.Clear();
    }

    private HashSet<string> Names()
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, ScoreboardFile.Pattern).Where(path => ScoreboardFile.PidOf(path) is not null)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static Held? Open(string path)
    {
        var pid = ScoreboardFile.PidOf(path)!.Value;
        // Before the file: a process that is there before it is read cannot be a later one.
        var ticks = ProcessStart.TicksOf(pid);
        if (FileIdentity.At(path) is not { } identity || ScoreboardFile.Open(path) is not { } file)
            return null;
        return new Held(file, identity, pid) { Ticks = ticks };
    }

    /// <summary>Whether the file says something, or has nobody who could still fill it.</summary>
    private static bool Look(
        string path, Held held, bool isGone, List<ScoreboardEntry> sessions, List<ScoreboardEntry> ended, List<string> refused)
    {
        var now = ProcessStart.TicksOf(held.Pid);
        // The server does not make a file anew when an old one of the same pid is there.
        if (!isGone && now is not null && now != held.Ticks)
            held.Ticks = now;
        var entry = ScoreboardFile.Read(held.File, held.Pid, out var reason);
        if (reason is not null && !isGone)
            refused.Add(ScoreboardFile.Refusal(path, reason));
        if (entry is null || held.Ticks is not { } ticks)
            return entry is not null || reason is not null || now is null;
        // Known sessions stay known when the wall clock is set.
        if (held.Session != (ticks, entry.StartedAt))
        {
            if (!ScoreboardFile.MayHaveBegun(ticks, entry))
                return true;
            held.Session = (ticks, entry.StartedAt);
            held.IsEnded = false;
        }
        // An entry in the making is free, too, but says nobody's name yet.
        var isOver = isGone || now != ticks || (entry.State == ScoreboardState.Free && entry.Account.Length > 0);
        if (!isOver && entry.State != ScoreboardState.Free)
        {
            sessions.Add(entry);
        }
        else if (isOver && !held.IsEnded)
        {
            held.IsEnded = true;
            ended.Add(entry);
        }
        return true;
    }

    private sealed class Held(SafeFileHandle file, string identity, int pid)
    {
        public SafeFileHandle File { get; } = file;
        public int Pid { get; } = pid;
        /// <summary>Start of its process; null while there was none: a stale file.</summary>
        public long? Ticks { get; set; }
        /// <summary>Process and session that were found to belong together.</summary>
        public (long Ticks, DateTimeOffset StartedAt)? Session { get; set; }
        /// <summary>Whether the end of that session was told.</summary>
        public bool IsEnded { get; set; }

        /// <summary>Whether the path still names this very file.</summary>
        public bool IsAt(string path) => FileIdentity.At(path) == identity;
    }
}
