using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Watching;

/// <summary>
/// The folders of a tree, each with a watch, and the scan of those that are new. A folder is watched before it is scanned: a file that comes between the two is heard of, one that
/// was there before is found, one that is both is one. Belongs to one thread.
/// </summary>
/// <param name="root">The top folder.</param>
/// <param name="inotify">Null: nothing is watched, all is found by scans.</param>
/// <param name="isIgnored">Whether a path is not looked at.</param>
internal sealed class WatchedTree(string root, Inotify? inotify, Func<string, bool> isIgnored)
{
    private readonly Dictionary<int, string> _folders = [];
    private readonly Dictionary<string, int> _watches = new(StringComparer.Ordinal);
    private readonly Stack<string> _toScan = new();

    /// <summary>Folders that are watched.</summary>
    public int Watched => _folders.Count;

    /// <summary>Folders wait to be scanned.</summary>
    public bool IsScanning => _toScan.Count > 0;

    /// <summary>The last folder could not be watched because the user's watches are used up.</summary>
    public bool IsOutOfWatches { get; private set; }

    /// <summary>The folder of a watch, null when it is not known (any more).</summary>
    public string? FolderOf(int watch) => _folders.GetValueOrDefault(watch);

    /// <summary>Scans everything; watches stay.</summary>
    public void ScanAll()
    {
        _toScan.Clear();
        IsOutOfWatches = false;
        _toScan.Push(root);
    }

    /// <summary>A folder is new here.</summary>
    public void Add(string folder)
    {
        if (!isIgnored(folder))
            _toScan.Push(folder);
    }

    /// <summary>A folder has left: none of its watches counts.</summary>
    public void Leave(string folder)
    {
        foreach (var (path, watch) in _watches.Where(w => w.Key == folder || w.Key.StartsWith(folder + "/", StringComparison.Ordinal)).ToList())
        {
            inotify?.Forget(watch);
            Forget(watch, path);
        }
    }

    /// <summary>The kernel has ended a watch.</summary>
    public void Forget(int watch)
    {
        if (_folders.TryGetValue(watch, out var path))
            Forget(watch, path);
    }

    /// <summary>Watches and scans the next folder; the files in it, null when there is no next one.</summary>
    public List<string>? ScanNext()
    {
        if (!_toScan.TryPop(out var folder))
            return null;
        var files = new List<string>();
        var folders = new List<string>();
        if (Watch(folder))
            FolderCalls.TryRead(folder, files, folders);
        foreach (var child in folders)
            Add(child);
        return files;
    }

    // False when there is nothing to scan.
    private bool Watch(string folder)
    {
        if (inotify is null)
            return true;
        var watch = inotify.Watch(folder);
        if (watch < 0)
        {
            IsOutOfWatches |= watch == -Errno.ENOSPC;
            return watch is not (-Errno.ENOENT or -Errno.ENOTDIR);
        }
        // The same number under another path: the folder was renamed.
        if (_folders.TryGetValue(watch, out var before) && before != folder && _watches.GetValueOrDefault(before) == watch)
            _watches.Remove(before);
        (_folders[watch], _watches[folder]) = (folder, watch);
        return true;
    }

    private void Forget(int watch, string path)
    {
        _folders.Remove(watch);
        if (_watches.GetValueOrDefault(path) == watch)
            _watches.Remove(path);
    }
}
