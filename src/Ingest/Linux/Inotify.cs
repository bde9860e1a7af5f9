using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using FtpActors.Protocol;
using FtpActors.Protocol.Watching;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// One inotify of the kernel. Belongs to one thread; another one takes the records out of the kernel's queue at once, whatever the first one does: a full queue loses records.
/// </summary>
internal sealed unsafe class Inotify : IDisposable
{
    /// <summary>
    /// Three records for a new file. MODIFY is left out: a large one would give thousands. OPEN is asked for only to stand between two closings of one file, of which the kernel would make
    /// one; it is dropped here.
    /// </summary>
    private const uint Changes =
        InotifyCalls.IN_OPEN | InotifyCalls.IN_CREATE | InotifyCalls.IN_CLOSE_WRITE | InotifyCalls.IN_MOVED_FROM | InotifyCalls.IN_MOVED_TO | InotifyCalls.IN_DELETE | InotifyCalls.IN_ATTRIB
        | InotifyCalls.IN_ONLYDIR | InotifyCalls.IN_DONT_FOLLOW | InotifyCalls.IN_EXCL_UNLINK;

    /// <summary>How long an end may have to wait.</summary>
    private const int LookMilliseconds = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly SafeFileHandle _inotify;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<byte[]> _readings = new();
    private readonly AutoResetEvent _news = new(false);
    private readonly long _mostBytes;
    private readonly Task _taking;
    private long _bytes;
    private volatile bool _isEnding;

    private Inotify(int file, long mostBytes)
    {
        (_inotify, _mostBytes) = (new SafeFileHandle(file, ownsHandle: true), mostBytes);
        _taking = SourceThread.Run("inotify", TakeAtOnce);
    }

    /// <summary>Opens one.</summary>
    /// <param name="mostBytes">Bytes of records in memory, at most; beyond it they wait in the kernel's queue.</param>
    /// <exception cref="IOException">The system has none left.</exception>
    public static Inotify Open(long mostBytes)
    {
        var file = InotifyCalls.inotify_init1(InotifyCalls.IN_NONBLOCK | InotifyCalls.IN_CLOEXEC);
        return file >= 0 ? new Inotify(file, mostBytes) : throw new IOException($"No inotify: {Marshal.GetLastPInvokeErrorMessage()}. Raise sysctl fs.inotify.max_user_instances.");
    }

    /// <summary>Watches a folder, or goes on watching it under the path it has now; the number of its watch, or a negative errno.</summary>
    public int Watch(string folder)
    {
        var watch = InotifyCalls.Watch(_inotify, [.. ReversibleText.ToBytes(folder), 0], Changes);
        return watch >= 0 ? watch : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Ends a watch; it may be gone with its folder.</summary>
    public void Forget(int watch) => _ = InotifyCalls.inotify_rm_watch(_inotify, watch);

    /// <summary>Some records, in their order; none when there are none now. What has happened before the call comes before there are none.</summary>
    public void Read(List<InotifyRecord> records)
    {
        while (_readings.IsEmpty && TakeReading())
        {
        }
        for (var left = _buffer.Length; left > 0 && _readings.TryDequeue(out var reading); left -= reading.Length)
        {
            Interlocked.Add(ref _bytes, -reading.Length);
            ReadOnlySpan<byte> rest = reading;
            while (InotifyRecord.TryRead(rest, out var record, out var used))
            {
                records.Add(record);
                rest = rest[used..];
            }
        }
    }

    /// <summary>Sleeps until there is something to read, or for a time.</summary>
    public void Wait(TimeSpan time)
    {
        if (_readings.IsEmpty)
            _news.WaitOne(time);
    }

    public void Dispose()
    {
        _isEnding = true;
        _taking.GetAwaiter().GetResult();
        _inotify.Dispose();
        _news.Dispose();
    }

    private void TakeAtOnce()
    {
        var file = new PipeCalls.PollFd { File = (int)_inotify.DangerousGetHandle(), Wanted = PipeCalls.POLLIN };
        while (!_isEnding)
        {
            if (Interlocked.Read(ref _bytes) < _mostBytes && PipeCalls.poll(&file, 1, LookMilliseconds) > 0 && TakeReading() && !_readings.IsEmpty)
                _news.Set();
            // A burst comes in larger pieces, long before the queue is full.
            TimeCalls.Nap(Pause);
        }
    }

    private bool TakeReading()
    {
        lock (_gate)
        {
            nint length;
            fixed (byte* buffer = _buffer)
                length = PipeCalls.read(_inotify, buffer, (nuint)_buffer.Length);
            if (length <= 0)
                return false;
            var kept = WithoutOpenings(_buffer.AsSpan(0, (int)length));
            if (kept == 0)
                return true;
            Interlocked.Add(ref _bytes, kept);
            _readings.Enqueue(_buffer[..kept]);
            return true;
        }
    }

    // struct inotify_event: watch, mask, cookie and the length of the name behind it, 32 bits each. Moves what is kept to the front; its length.
    private static int WithoutOpenings(Span<byte> records)
    {
        const int head = 16;
        var kept = 0;
        for (var at = 0; at + head <= records.Length;)
        {
            var size = head + MemoryMarshal.Read<int>(records[(at + 12)..]);
            if ((MemoryMarshal.Read<uint>(records[(at + 4)..]) & InotifyCalls.IN_OPEN) == 0)
            {
                records.Slice(at, size).CopyTo(records[kept..]);
                kept += size;
            }
            at += size;
        }
        return kept;
    }
}
