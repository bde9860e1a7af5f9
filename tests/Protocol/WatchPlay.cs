using System.Globalization;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.Watching;

namespace FtpActors.Protocol.Tests;

/// <summary>Files that were told, in memory.</summary>
internal sealed class RememberedFiles : IKnownFiles
{
    private readonly Dictionary<string, KnownFile> _files = [];

    public KnownFile? At(string path) => _files.GetValueOrDefault(path);

    public IReadOnlyList<KnownFile> Of(FileVersion version) => [.. _files.Values.Where(f => f.Version.IsFileOf(version))];

    public void Put(KnownFile file) => _files[file.Path] = file;

    public void Refresh(string path, FileVersion version) => _files[path] = _files[path] with { Version = version };

    public void Remove(string path) => _files.Remove(path);
}

/// <summary>A made-up file system that a captured run of inotify drives: what the records say has happened when they are read.</summary>
internal sealed class WatchPlay : IFileLooks
{
    public static readonly DateTimeOffset Start = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, MadeFile> _files = [];
    private readonly FinishedFiles _finished;
    private readonly List<FileNews> _news = [];
    private long _clock;
    private ulong _inode;

    public WatchPlay(double steady = 1, bool? writersAreKnown = true)
    {
        _finished = new FinishedFiles(
            new WatchRules
            {
                Temporary = [.. FinalNames.Defaults.Concat(WatchRules.MoreTemporaryNames).Select(g => Glob.ForPath(g))], Steady = TimeSpan.FromSeconds(steady),
            },
            this, Known);
        WritersAreKnown = writersAreKnown == true;
    }

    public RememberedFiles Known { get; } = new();
    public bool WritersAreKnown { get; set; }
    public IReadOnlyList<FileNews> News => _news;
    public FinishedFiles Finished => _finished;
    public DateTimeOffset Now { get; private set; } = Start;

    public FileLook? Look(string path) => _files.TryGetValue(path, out var f) && !f.IsLink
        ? new FileLook(new FileVersion(1, f.Inode, f.Size, f.ModifiedAt, f.ChangedAt), (uint)_files.Values.Count(o => o == f), 1001)
        : null;

    public bool? HasWriter(string path)
    {
        BeforeAsked?.Invoke();
        return WritersAreKnown ? _files[path].Writers > 0 : null;
    }

    /// <summary>What happens between the look at a file and the question for its writer.</summary>
    public Action? BeforeAsked { get; set; }

    /// <summary>A file that is there and was told before the run.</summary>
    public void Had(string path)
    {
        Make(path).Size = 5;
        Known.Put(new KnownFile(path, Look(path)!.Value.Version, ""));
    }

    public void Write(string path, int bytes = 1)
    {
        var file = _files.TryGetValue(path, out var f) ? f : Make(path);
        (file.Size, file.ModifiedAt, file.ChangedAt) = (file.Size + bytes, ++_clock, _clock);
    }

    public void Open(string path) => (_files.TryGetValue(path, out var f) ? f : Make(path)).Writers++;

    public void Touch(string path) => _files[path].ChangedAt = ++_clock;

    public void Close(string path) => _files[path].Writers--;

    public void Link(string from, string to)
    {
        _files[to] = _files[from];
        _files[to].ChangedAt = ++_clock;
    }

    public void Remove(string path) => _files.Remove(path);

    public void Record(string path, InotifyMask mask, uint cookie = 0) => _finished.Take(path, new InotifyRecord(1, mask, cookie, path), Now);

    /// <summary>What happens between the look at a file and the word of it.</summary>
    public Action? BeforeTold { get; set; }

    /// <summary>Steps through the time.</summary>
    public void Pass(double seconds)
    {
        var end = Now.AddSeconds(seconds);
        while (_finished.NextAt is { } next && next <= end)
        {
            Now = next > Now ? next : Now;
            var news = _finished.Step(Now);
            if (news.Count > 0)
                BeforeTold?.Invoke();
            _news.AddRange(_finished.WithHeard(news));
        }
        Now = end;
    }

    /// <summary>Plays a captured run: lines <c>seconds folder|name|WORDS</c>.</summary>
    public static WatchPlay Of(string capture, IReadOnlyList<string> had, Func<string, bool>? isSeen = null)
    {
        var play = new WatchPlay();
        foreach (var path in had)
            play.Had(path);
        var cookie = 0u;
        var lines = File.ReadLines(Capture.PathOf($"inotify/{capture}.txt")).Where(l => !l.StartsWith('#')).Select(l => l.Trim().Split([' '], 2)).ToList();
        var records = lines.Select(l => (At: double.Parse(l[0], CultureInfo.InvariantCulture), Fields: l[1].Split('|')))
            .Select(l => (l.At, Path: l.Fields[0].Replace("<dir>", "/d", StringComparison.Ordinal) + l.Fields[1], Words: l.Fields[2].Split(',')))
            // The captures have no cookies: a MOVED_TO belongs to the MOVED_FROM right before it.
            .Select(l => (l.At, l.Path, l.Words, Cookie: l.Words[0] == "MOVED_FROM" ? ++cookie : cookie)).Where(l => isSeen?.Invoke(l.Path) != false).ToList();
        for (var i = 0; i < records.Count; i++)
            play.Do(records[i].At, records[i].Path, records[i].Words, records[i].Cookie, [.. records.Skip(i + 1).Select(r => (r.Path, r.Words))]);
        play.Pass(20);
        return play;
    }

    private void Do(double at, string path, string[] words, uint cookie, List<(string Path, string[] Words)> rest)
    {
        Pass((Start.AddSeconds(at) - Now).TotalSeconds);
        if (words.Contains("ISDIR") || path.EndsWith('/'))
            return;
        var mask = InotifyMask.None;
        switch (words[0])
        {
            case "CREATE":
                mask = InotifyMask.Create;
                // A link is not opened; of a rename in two steps the other name goes next.
                if (rest.Exists(r => r.Path == path && r.Words[0] == "OPEN"))
                    Make(path);
                else if (rest.Find(r => r.Words[0] == "DELETE").Path is { } other)
                    Link(other, path);
                else
                    Make(path).IsLink = true;
                break;
            case "OPEN" when rest.FirstOrDefault(r => r.Path == path && (r.Words[0] is "CLOSE_WRITE" or "CLOSE_NOWRITE")).Words is ["CLOSE_WRITE", ..]:
                Open(path);
                break;
            case "MODIFY":
                Write(path);
                break;
            case "ATTRIB":
                mask = InotifyMask.Attrib;
                if (_files.ContainsKey(path))
                    Touch(path);
                break;
            case "CLOSE_WRITE":
                mask = InotifyMask.CloseWrite;
                Close(path);
                break;
            case "MOVED_FROM":
                mask = InotifyMask.MovedFrom;
                _moved = _files.GetValueOrDefault(path);
                _files.Remove(path);
                break;
            case "MOVED_TO":
                mask = InotifyMask.MovedTo;
                _files[path] = _moved ?? new MadeFile { Inode = ++_inode };
                Touch(path);
                break;
            case "DELETE":
                mask = InotifyMask.Delete;
                _files.Remove(path);
                break;
        }
        if (mask != InotifyMask.None)
            Record(path, mask, words[0].StartsWith("MOVED", StringComparison.Ordinal) ? cookie : 0);
    }

    private MadeFile? _moved;

    private MadeFile Make(string path) => _files[path] = new MadeFile { Inode = ++_inode, ModifiedAt = ++_clock, ChangedAt = _clock };

    private sealed class MadeFile
    {
        public required ulong Inode { get; init; }
        public long Size { get; set; }
        public long ModifiedAt { get; set; }
        public long ChangedAt { get; set; }
        public int Writers { get; set; }
        public bool IsLink { get; set; }
    }
}
