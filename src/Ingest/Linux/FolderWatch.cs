using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// Tells that files came or went in a folder; while there is no such folder, that it may have come into its parent. What happened is not read: the caller looks
/// at the folder, so lost or merged notices lose nothing. Belongs to one thread.
/// </summary>
internal sealed unsafe class FolderWatch : IDisposable
{
    private const uint Changes =
        InotifyCalls.IN_CREATE | InotifyCalls.IN_DELETE | InotifyCalls.IN_MOVED_FROM | InotifyCalls.IN_MOVED_TO | InotifyCalls.IN_DELETE_SELF
        | InotifyCalls.IN_MOVE_SELF | InotifyCalls.IN_ONLYDIR;

    private readonly string _folder;
    private readonly SafeFileHandle _inotify;
    private int _watch = -1;
    private string? _watched;

    private FolderWatch(string folder, int file) => (_folder, _inotify) = (folder, new SafeFileHandle(file, ownsHandle: true));

    /// <summary>To poll; readable when there is something.</summary>
    public int File => (int)_inotify.DangerousGetHandle();

    /// <summary>Opens a watch; null with a sentence when the system has none left.</summary>
    public static FolderWatch? TryOpen(string folder, out string? trouble)
    {
        var file = InotifyCalls.inotify_init1(InotifyCalls.IN_NONBLOCK | InotifyCalls.IN_CLOEXEC);
        trouble = file >= 0 ? null
            : $"No inotify: {Marshal.GetLastPInvokeErrorMessage()}. Sessions are seen by the poll alone; raise sysctl fs.inotify.max_user_instances.";
        return file < 0 ? null : new FolderWatch(folder, file);
    }

    /// <summary>Takes the notices, and watches the folder that is there now. The caller must look at the folder after this.</summary>
    public void Renew()
    {
        var buffer = stackalloc byte[4096];
        while (PipeCalls.read(_inotify, buffer, 4096) > 0)
        {
        }
        // Another folder of the same name is another folder.
        var identity = FileIdentity.At(_folder);
        if (_watch >= 0 && identity == _watched)
            return;
        if (_watch >= 0)
            _ = InotifyCalls.inotify_rm_watch(_inotify, _watch); // It may be gone with its folder.
        _watched = identity;
        _watch = Add(_folder);
        if (_watch < 0 && Path.GetDirectoryName(_folder) is { } parent)
            _watch = Add(parent);
    }

    public void Dispose() => _inotify.Dispose();

    private int Add(string folder)
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(folder), 0];
        fixed (byte* path = name)
            return InotifyCalls.inotify_add_watch(_inotify, path, Changes);
    }
}
