using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Watching;

/// <summary>inotify and scans of one tree, read step by step into one stream. Belongs to one thread.</summary>
internal sealed class WatchInputs : IDisposable
{
    /// <summary>How long a stop may have to wait.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the top folder and the mounts are looked at, of which inotify tells nothing.</summary>
    private static readonly TimeSpan Mounts = TimeSpan.FromSeconds(1);

    /// <summary>Folders beyond the limit of watches are scanned so often.</summary>
    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(30);

    /// <summary>The other half of a folder's rename comes at once, or it has left the tree.</summary>
    private static readonly TimeSpan Halves = TimeSpan.FromSeconds(1);

    /// <summary>Readings of inotify at one step; a reading is up to 64 KiB.</summary>
    private const int MostReadings = 8;

    /// <summary>News in one batch.</summary>
    private const int MostNews = 2000;

    private readonly WatchOptions _options;
    private readonly WatchRules _rules;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly Action<SourceBatch> _store;
    private readonly ToldFiles _told;
    private readonly FileLooks _files = new();
    private readonly Inotify? _inotify;
    private readonly FinishedFiles _finished;
    private readonly List<InotifyRecord> _records = [];
    private readonly Dictionary<uint, (string Folder, DateTimeOffset At)> _movedFolders = [];
    private readonly WatchedTree _tree;
    private WatchState _state;
    private string? _place;
    private DateTimeOffset _placeAt;
    private DateTimeOffset? _rescanAt;
    private bool _isFullScan;
    private string? _missedAfter;
    private long _overflows;

    /// <param name="options">The source.</param>
    /// <param name="state">What the one before it stored; null for the first.</param>
    /// <param name="told">The told files; undone up to the state.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">What the source says of itself.</param>
    /// <param name="store">Returns when a batch is durable.</param>
    public WatchInputs(WatchOptions options, WatchState? state, ToldFiles told, TimeProvider time, SourceReport report, Action<SourceBatch> store)
    {
        (_options, _told, _time, _report, _store, _rules) = (options, told, time, report, store, options.Rules);
        _state = state ?? new WatchState(0, Nanoseconds(time.GetUtcNow()), false);
        _told.Undo("", _state.Batch);
        _told.Batch = _state.Batch + 1;
        _inotify = options.Poll is null ? Inotify.Open(options.MostRecordBytes) : null;
        _finished = new FinishedFiles(_rules, _files, _told);
        _tree = new WatchedTree(options.Path, _inotify, _rules.IsIgnored);
        if (state is null)
            Store([]);
    }

    /// <summary>Why it cannot be watched now; null when it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Paths that wait to be told.</summary>
    public int Waiting => _finished.Waiting;

    /// <summary>Takes what there is, and makes what it tells durable.</summary>
    public void Step()
    {
        var now = _time.GetUtcNow();
        LookAtPlace(now);
        Read(now);
        Scan(now);
        foreach (var (cookie, moved) in _movedFolders.Where(m => now - m.Value.At > Halves).ToList())
        {
            _movedFolders.Remove(cookie);
            Miss(moved.Folder, now);
        }
        var news = _finished.Step(now, MostNews);
        // After the looks at the files: what they show may have been closed more often than was heard before.
        if (news.Count > 0)
            Read(now);
        news = _finished.WithHeard(news);
        if (news.Count > 0 || _told.IsChanged)
            Store(news);
        else
            _told.Commit();
        Report();
    }

    /// <summary>Waits until there may be something.</summary>
    public void Wait()
    {
        if (_tree.IsScanning || _missedAfter is not null)
            return;
        var left = (_finished.NextAt ?? DateTimeOffset.MaxValue) - _time.GetUtcNow();
        var wait = left < Look ? left : Look;
        wait = wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero;
        if (_inotify is null)
            TimeCalls.Nap(wait);
        else
            _inotify.Wait(wait);
    }

    public void Dispose() => _inotify?.Dispose();

    /// <summary>Another folder, or another file system, under the same path is looked at as at the start.</summary>
    private void LookAtPlace(DateTimeOffset now)
    {
        if (now - _placeAt < Mounts && _placeAt != default)
            return;
        _placeAt = now;
        var place = MountPlaces.Under(_options.Path);
        Trouble = place is null ? $"There is no folder {_options.Path} that can be read. Make it, mount it, or name another in \"path\"; it is looked for every second." : null;
        if (place != _place)
        {
            // Nothing is missed while the folder is away: an unmounted disk has not deleted its files.
            _place = place;
            _tree.Leave(_options.Path);
            if (place is not null)
                ScanAll();
        }
        else if (place is not null && !_tree.IsScanning && (_rescanAt <= now || (_inotify is not null && _tree.Watched == 0)))
        {
            ScanAll();
        }
    }

    private void ScanAll()
    {
        _tree.ScanAll();
        (_isFullScan, _rescanAt, _missedAfter) = (true, null, null);
    }

    private void Read(DateTimeOffset now)
    {
        for (var i = 0; _inotify is not null && i < MostReadings; i++)
        {
            _records.Clear();
            _inotify.Read(_records);
            foreach (var record in _records)
                Take(record, now);
            if (_records.Count == 0)
                break;
        }
    }

    private void Take(InotifyRecord record, DateTimeOffset now)
    {
        if ((record.Mask & InotifyMask.QueueOverflow) != 0)
        {
            _overflows++;
            _report.Warn("overflow", string.Create(CultureInfo.InvariantCulture,
                $"The kernel's queue was full {_overflows} times since the start; all was scanned again, so nothing is lost. Raise sysctl fs.inotify.max_queued_events."));
            ScanAll();
            return;
        }
        if (_tree.FolderOf(record.Watch) is not { } folder)
            return;
        if ((record.Mask & (InotifyMask.Ignored | InotifyMask.Unmount)) != 0)
        {
            _tree.Forget(record.Watch);
            return;
        }
        if (record.Name.Length == 0)
            return;
        var path = $"{folder}/{record.Name}";
        if ((record.Mask & InotifyMask.IsFolder) == 0)
            _finished.Take(path, record, now);
        else if ((record.Mask & (InotifyMask.Create | InotifyMask.MovedTo)) != 0)
            TakeFolder(path, record, now);
        else if ((record.Mask & InotifyMask.MovedFrom) != 0)
            _movedFolders[record.Cookie] = (path, now);
        else if ((record.Mask & InotifyMask.Delete) != 0)
            Miss(path, now);
    }

    // Files that are in it already give no record: it is scanned.
    private void TakeFolder(string path, InotifyRecord record, DateTimeOffset now)
    {
        if ((record.Mask & InotifyMask.MovedTo) != 0 && _movedFolders.Remove(record.Cookie, out var from))
        {
            _told.MoveFolder(from.Folder, path);
            _tree.Leave(from.Folder);
        }
        _tree.Add(path);
    }

    private void Miss(string folder, DateTimeOffset now)
    {
        _tree.Leave(folder);
        foreach (var path in _told.Paths("", int.MaxValue, folder))
            _finished.Missed(path, now);
    }

    private void Scan(DateTimeOffset now)
    {
        // Between two folders the records that come are read, or the scan would overflow the queue that it is there to mend.
        var until = _time.GetTimestamp();
        while (_tree.IsScanning && _time.GetElapsedTime(until) < Look / 2)
        {
            foreach (var file in _tree.ScanNext()!)
                Found(file, now);
            if (_tree.IsScanning)
                continue;
            if (_isFullScan)
                (_isFullScan, _missedAfter) = (false, "");
            if (_tree.IsOutOfWatches)
                _rescanAt = now + Unwatched;
        }
        // What was told and was not found, in steps.
        if (_missedAfter is not { } after || _tree.IsScanning)
            return;
        var paths = _told.Paths(after, MostNews);
        foreach (var path in paths.Where(p => _files.Look(p) is null))
            _finished.Missed(path, now);
        _missedAfter = paths.Count == MostNews ? paths[^1] : null;
        if (_missedAfter is not null)
            return;
        if (_options.Poll is { } poll)
            _rescanAt = now + poll;
        if (!_state.HasLooked)
        {
            _state = _state with { HasLooked = true };
            Store([]);
        }
    }

    private void Found(string path, DateTimeOffset now)
    {
        if (_state.HasLooked)
        {
            _finished.Found(path, now);
            return;
        }
        // The first look of all: years may lie there.
        if (_rules.IsIgnored(path) || _rules.IsTemporary(path) || _files.Look(path) is not { } look)
            return;
        if (look.Version.ChangedAt >= _state.Began)
            _finished.Found(path, now);
        else if (_told.At(path)?.Version != look.Version)
            _told.Put(new KnownFile(path, look.Version, ""), batch: 0, e: null);
    }

    private void Store(IReadOnlyList<FileNews> news)
    {
        var now = _time.GetUtcNow();
        _told.Commit();
        var state = _state with { Batch = _told.Batch };
        _store(new SourceBatch(_options.Name, [.. news.Select(n => EventOf(n, now))], [], state.Encode()));
        _state = state;
        _told.Stored(state.Batch);
        _told.Batch = state.Batch + 1;
    }

    // The upload that another source has told under its temporary name, with its session; that source hears of no rename, or its line was lost.
    private FtpEvent EventOf(FileNews news, DateTimeOffset now)
    {
        var own = WatchEvents.Of(news, _options, now);
        if (news.From is not { } from || !_rules.IsTemporary(from) || _told.EventOf(from) is not { } bytes)
            return own;
        var reader = new ByteReader(bytes);
        if (EventBytes.Read(ref reader) is not { } upload)
            return own;
        return upload with { ReceivedAt = own.ReceivedAt, Path = news.Path, PathFrom = from, Extra = WatchEvents.WordsOf(news), Flags = upload.Flags & ~EventFlags.Temporary };
    }

    private void Report()
    {
        _report.Warn("watches", _tree.IsOutOfWatches
            ? string.Create(CultureInfo.InvariantCulture,
                $"Only {_tree.Watched} folders are watched, the limit of this user; the rest is scanned every {Unwatched.TotalSeconds} s. Raise sysctl fs.inotify.max_user_watches.")
            : null);
        _report.Warn("writers", _files.IsBlind && _options.Poll is null
            ? $"Of some files it cannot be told whether somebody has them open: a stalled upload may be taken for finished. This program runs as {Environment.UserName}; run it as root, on the machine whose disk it is."
            : null);
    }

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
