using System.Runtime.InteropServices;
using FtpActors.Protocol;
using FtpActors.Protocol.Watching;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>One inotify of the kernel. Belongs to one thread.</summary>
internal sealed unsafe class Inotify : IDisposable
{
    /// <summary>
    /// Two records for a new file. OPEN and MODIFY are left out: the kernel's queue (fs.inotify.max_queued_events, 16384 by default) has room for four times as many files so.
    /// </summary>
    private const uint Changes =
        InotifyCalls.IN_CREATE | InotifyCalls.IN_CLOSE_WRITE | InotifyCalls.IN_MOVED_FROM | InotifyCalls.IN_MOVED_TO | InotifyCalls.IN_DELETE | InotifyCalls.IN_ATTRIB
        | InotifyCalls.IN_ONLYDIR | InotifyCalls.IN_DONT_FOLLOW | InotifyCalls.IN_EXCL_UNLINK;

    private readonly SafeFileHandle _inotify;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private Inotify(int file) => _inotify = new SafeFileHandle(file, ownsHandle: true);

    /// <summary>To poll; readable when there is something.</summary>
    public int File => (int)_inotify.DangerousGetHandle();

    /// <exception cref="IOException">The system has none left.</exception>
    public static Inotify Open()
    {
        var file = InotifyCalls.inotify_init1(InotifyCalls.IN_NONBLOCK | InotifyCalls.IN_CLOEXEC);
        return file >= 0 ? new Inotify(file) : throw new IOException($"No inotify: {Marshal.GetLastPInvokeErrorMessage()}. Raise sysctl fs.inotify.max_user_instances.");
    }

    /// <summary>Watches a folder, or goes on watching it under the path it has now; the number of its watch, or a negative errno.</summary>
    public int Watch(string folder)
    {
        var watch = InotifyCalls.Watch(_inotify, [.. ReversibleText.ToBytes(folder), 0], Changes);
        return watch >= 0 ? watch : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Ends a watch; it may be gone with its folder.</summary>
    public void Forget(int watch) => _ = InotifyCalls.inotify_rm_watch(_inotify, watch);

    /// <summary>The records of one reading; none when there are none now.</summary>
    public void Read(List<InotifyRecord> records)
    {
        nint length;
        fixed (byte* buffer = _buffer)
            length = PipeCalls.read(_inotify, buffer, (nuint)_buffer.Length);
        if (length <= 0)
            return;
        var rest = _buffer.AsSpan(0, (int)length);
        while (InotifyRecord.TryRead(rest, out var record, out var used))
        {
            records.Add(record);
            rest = rest[used..];
        }
    }

    public void Dispose() => _inotify.Dispose();
}
