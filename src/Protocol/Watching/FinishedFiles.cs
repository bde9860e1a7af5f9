namespace FtpActors.Protocol.Watching;

/// <summary>
/// Makes of what inotify and scans say the files that are finished: each version once, under its final name. Pure but for the two it asks: the file system and what was told.
/// A file is finished when it was closed after writing, renamed or linked to its name, or found by a scan, nobody has it open for writing, and it has come to rest.
/// </summary>
/// <param name="rules">When a file is finished.</param>
/// <param name="files">The file system.</param>
/// <param name="known">What was told.</param>
public sealed class FinishedFiles(WatchRules rules, IFileLooks files, IKnownFiles known)
{
    /// <summary>The two halves of a rename may come in two readings; and what was heard of attributes waits for a closing behind it.</summary>
    private static readonly TimeSpan Halves = TimeSpan.FromMilliseconds(100);

    /// <summary>Temporary names and halves of renames that are remembered, at most: a link or rename follows at once.</summary>
    private const int MostRemembered = 4096;

    private readonly Dictionary<string, Candidate> _candidates = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(Candidate Candidate, long Turn), (DateTimeOffset At, long Turn)> _due = new();
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);
    private readonly Queue<(string Path, DateTimeOffset At)> _goneOrder = new();
    private readonly Recent<uint, string> _halves = new(MostRemembered);
    private readonly Recent<(ulong, ulong), string> _temporary = new(MostRemembered);
    private readonly Recent<string, string> _rsyncs = new(MostRemembered);
    private readonly Recent<string, string> _made = new(MostRemembered);
    private long _turn;

    /// <summary>Paths that wait.</summary>
    public int Waiting => _candidates.Count + _gone.Count;

    /// <summary>When to step next; null when nothing waits.</summary>
    public DateTimeOffset? NextAt
    {
        get
        {
            DateTimeOffset? next = _due.TryPeek(out _, out var due) ? due.At : null;
            return _goneOrder.TryPeek(out var gone) && (next is null || gone.At < next) ? gone.At : next;
        }
    }

    /// <summary>A record of a file in a watched folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="record">What happened.</param>
    /// <param name="now">When the record was read.</param>
    public void Take(string path, InotifyRecord record, DateTimeOffset now)
    {
        if (rules.IsIgnored(path))
            return;
        var mask = record.Mask;
        if ((mask & (InotifyMask.Delete | InotifyMask.MovedFrom)) != 0)
        {
            if ((mask & InotifyMask.MovedFrom) != 0)
            {
                _halves.Add(record.Cookie, path);
                // With --delay-updates it goes through a new folder and back, perhaps before that is watched: then the halves of both renames are missing, but not the name.
                if (rules.IsTemporary(path) && WatchRules.RsyncTarget(path) is { } target)
                    _rsyncs.Add(target, path);
            }
            // "link" and "unlink" are a rename in two steps (rename of SFTP version 3; lftp does so).
            else if (rules.IsTemporary(path) && _made.Take(FolderOf(path)) is { } made && path.EndsWith(NameOf(made), StringComparison.Ordinal) && _candidates.TryGetValue(made, out var linked))
                (linked.From, linked.Seen) = (path, "link");
            Leave(path);
            Miss(path, now + (rules.Window > Halves ? rules.Window : Halves));
            return;
        }
        _gone.Remove(path);
        if (rules.IsTemporary(path))
        {
            // By its inode a link to the final name is known as its rename.
            if ((mask & (InotifyMask.CloseWrite | InotifyMask.MovedTo)) != 0 && files.Look(path) is { } look)
                _temporary.Add((look.Version.Device, look.Version.Inode), path);
            return;
        }
        if ((mask & InotifyMask.CloseWrite) != 0)
        {
            var closed = Hear(path, now);
            (closed.WasClosed, closed.Closings, closed.Seen, closed.IsAttributesOnly) = (true, closed.Closings + 1, "close", false);
        }
        else if ((mask & InotifyMask.MovedTo) != 0)
        {
            var moved = Hear(path, now);
            (moved.WasClosed, moved.Seen, moved.IsAttributesOnly) = (true, "rename", false);
            var rsync = _rsyncs.Take(path);
            moved.From = _halves.Take(record.Cookie) ?? rsync ?? moved.From;
        }
        else if ((mask & InotifyMask.Create) != 0)
        {
            Hear(path, now).IsAttributesOnly = false;
            _made.Add(FolderOf(path), path);
        }
        else if ((mask & InotifyMask.Attrib) != 0 && !_candidates.ContainsKey(path))
        {
            Hear(path, now + Halves).IsAttributesOnly = true;
        }
    }

    /// <summary>A scan has found a file.</summary>
    public void Found(string path, DateTimeOffset now)
    {
        if (!rules.IsIgnored(path) && !rules.IsTemporary(path) && !_candidates.ContainsKey(path))
            Hear(path, now);
    }

    /// <summary>A scan has not found a file that was told.</summary>
    public void Missed(string path, DateTimeOffset now) => Miss(path, now);

    /// <summary>What is to be told now, in the order of the closings as far as they are known. What was told is put among the known files.</summary>
    /// <param name="now">The time.</param>
    /// <param name="most">News at most; the rest waits.</param>
    public IReadOnlyList<FileNews> Step(DateTimeOffset now, int most = int.MaxValue)
    {
        var news = new List<FileNews>();
        while (news.Count < most && _due.TryPeek(out var entry, out var due) && due.At <= now)
        {
            _due.Dequeue();
            // One that was overtaken: the path has left, or something else was heard of it.
            if (_candidates.GetValueOrDefault(entry.Candidate.Path) == entry.Candidate && entry.Candidate.Turn == entry.Turn)
                Judge(entry.Candidate, now, news);
        }
        while (news.Count < most && _goneOrder.TryPeek(out var gone) && gone.At <= now)
        {
            _goneOrder.Dequeue();
            var path = gone.Path;
            if (!_gone.Remove(path) || known.At(path) is not { } was || files.Look(path) is not null)
                continue;
            known.Remove(path);
            news.Add(new FileNews(FileNewsKind.Removed, path, now) { Seen = "delete", Teller = was.Teller });
        }
        return news;
    }

    /// <summary>
    /// The same news with the closings that were heard since, of files that are still what the news tell: each closing is told by itself or counted with another, and would be neither.
    /// </summary>
    public IReadOnlyList<FileNews> WithHeard(IReadOnlyList<FileNews> news) => [.. news.Select(WithHeard)];

    private FileNews WithHeard(FileNews news)
    {
        if (news.Kind != FileNewsKind.Finished || !_candidates.TryGetValue(news.Path, out var c) || c.Closings == 0 || c.Seen != "close" || files.Look(news.Path)?.Version != news.Look?.Version)
            return news;
        Leave(news.Path);
        return news with { Closings = news.Closings + c.Closings, Seen = news.Seen == "scan" ? "close" : news.Seen };
    }

    private void Judge(Candidate c, DateTimeOffset now, List<FileNews> news)
    {
        if (files.Look(c.Path) is not { } look)
        {
            Leave(c.Path);
            return;
        }
        var told = known.At(c.Path);
        if (told is not null && IsTold(c, told, look))
        {
            Leave(c.Path);
            return;
        }
        var hasWriter = files.HasWriter(c.Path);
        if (hasWriter == true)
        {
            // Its closing is heard; this look is for one that was lost.
            Wait(c, now + TimeSpan.FromMilliseconds(Math.Min(5000, 100 << Math.Min(6, c.OpenLooks++))));
            c.Version = null;
            return;
        }
        // A writer that ended since the look has changed what it said.
        if (files.Look(c.Path) is not { } still)
        {
            Leave(c.Path);
            return;
        }
        look = still;
        var version = look.Version;
        // Made and not closed: a second name whose first one is about to go, or a file whose maker has not opened it yet (the kernel tells of it before that).
        if (!c.WasClosed && now - c.HeardAt < Halves)
        {
            Wait(c, c.HeardAt + Halves);
            return;
        }
        if (c.Closings == 0 && known.Of(version).FirstOrDefault(k => k.Path != c.Path && k.Version.HasContentOf(version)) is { } other)
        {
            var word = other.Teller.Length > 0 && !rules.Silent.Contains(other.Teller) ? c.HeardAt + rules.Window : now;
            if (now < word)
                Wait(c, word);
            else
                Rename(c, other, look, news);
            return;
        }
        if (c.Version is not { } before || !before.HasContentOf(version))
        {
            c.SteadySince = c.Version is null && c.OpenLooks == 0 ? c.HeardAt : now;
            c.Version = version;
        }
        var steady = c.WasClosed || hasWriter == false ? rules.Steady : rules.SteadyUnseen;
        if (now - c.SteadySince < steady && now - c.FirstAt < rules.Longest)
        {
            Wait(c, Earlier(c.SteadySince + steady, c.FirstAt + rules.Longest));
            return;
        }
        Tell(c, look, news);
    }

    private bool IsTold(Candidate c, KnownFile told, FileLook look)
    {
        var version = look.Version;
        if (told.Version == version)
            return true;
        // After a closing another time of change is another version, also when size and time were set as before. Without one it is a mode, an owner or a time that was set. What another
        // source has told it tells again by itself.
        var isSame = (c.Closings == 0 || told.Teller.Length > 0) && told.Version.IsFileOf(version) && told.Version.Size == version.Size
            && (told.Version.ModifiedAt == version.ModifiedAt || (c.IsAttributesOnly && files.HasWriter(c.Path) == false));
        if (isSame)
            known.Refresh(told.Path, version);
        return isSame;
    }

    // What was told is not told again under another name. A second name of it is not even a rename.
    private void Rename(Candidate c, KnownFile other, FileLook look, List<FileNews> news)
    {
        Leave(c.Path);
        known.Put(new KnownFile(c.Path, look.Version, ""));
        if (files.Look(other.Path) is { } still && still.Version.IsFileOf(look.Version))
            return;
        known.Remove(other.Path);
        news.Add(new FileNews(FileNewsKind.Renamed, c.Path, c.FirstAt) { From = other.Path, Look = look, Seen = c.Seen == "scan" ? "scan" : "rename", Teller = other.Teller });
    }

    private void Tell(Candidate c, FileLook look, List<FileNews> news)
    {
        // Taken either way: the next version of this file has not come by the temporary name.
        var linked = _temporary.Take((look.Version.Device, look.Version.Inode));
        var from = c.From is { } half && rules.IsTemporary(half) ? half : linked;
        Leave(c.Path);
        known.Put(new KnownFile(c.Path, look.Version, ""));
        news.Add(new FileNews(FileNewsKind.Finished, c.Path, c.FirstAt)
        {
            From = from, Look = look, Closings = c.Closings, Seen = from is not null && c.Seen == "scan" ? "link" : c.Seen,
        });
    }

    private Candidate Hear(string path, DateTimeOffset now)
    {
        if (!_candidates.TryGetValue(path, out var candidate))
            _candidates.Add(path, candidate = new Candidate { Path = path, FirstAt = now });
        (candidate.HeardAt, candidate.OpenLooks, candidate.Version) = (now, 0, null);
        Wait(candidate, now);
        return candidate;
    }

    private void Miss(string path, DateTimeOffset at)
    {
        if (_gone.Add(path))
            _goneOrder.Enqueue((path, at));
    }

    private void Wait(Candidate candidate, DateTimeOffset until)
    {
        candidate.Turn = ++_turn;
        _due.Enqueue((candidate, _turn), (until, _turn));
    }

    private void Leave(string path) => _candidates.Remove(path);

    private static string FolderOf(string path) => path[..(path.LastIndexOf('/') + 1)];

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>The newest entries, a bounded number of them.</summary>
    private sealed class Recent<TKey, TValue>(int most)
        where TKey : notnull
        where TValue : class
    {
        private readonly Dictionary<TKey, TValue> _values = [];
        private readonly Queue<TKey> _order = new();

        public void Add(TKey key, TValue value)
        {
            if (_values.TryAdd(key, value))
                _order.Enqueue(key);
            else
                _values[key] = value;
            while (_order.Count > most)
                _values.Remove(_order.Dequeue());
        }

        public TValue? Take(TKey key) => _values.Remove(key, out var value) ? value : null;
    }
}
