using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using FtpActors.Ingest.Linux;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Node.Bench;

/// <summary>Notes when a program is started, whoever starts it: the kernel tells of every opening of its file. One observer for us and for the peer.</summary>
internal sealed class StartWatch : IDisposable
{
    private const int EventBytes = 16;

    private readonly SafeFileHandle _inotify;
    private readonly List<long> _starts = [];
    private readonly Thread _reader;

    /// <param name="program">The file; nobody else may use it.</param>
    public StartWatch(string program)
    {
        _inotify = new SafeFileHandle(InotifyCalls.inotify_init1(InotifyCalls.IN_CLOEXEC), ownsHandle: true);
        if (InotifyCalls.Watch(_inotify, Encoding.UTF8.GetBytes(program + '\0'), InotifyCalls.IN_OPEN) < 0)
            throw new IOException($"{program} cannot be watched: {Marshal.GetLastPInvokeErrorMessage()}.");
        _reader = new Thread(Read) { Name = "start watch", IsBackground = true };
        _reader.Start();
    }

    /// <summary>
    /// When it was started, in ticks of <see cref="Stopwatch"/>, once there are so many; null when there are not within 3 s after the last one: two
    /// starts that nobody has read between them are one to the kernel.
    /// </summary>
    public async Task<long[]?> StartsAsync(int count, CancellationToken cancel)
    {
        var (seen, since) = (0, Stopwatch.GetTimestamp());
        while (true)
        {
            lock (_starts)
            {
                if (_starts.Count >= count)
                    return [.. _starts];
                if (_starts.Count > seen)
                    (seen, since) = (_starts.Count, Stopwatch.GetTimestamp());
            }
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(3))
                return null;
            await Task.Delay(5, cancel);
        }
    }

    // A read that is under way holds the descriptor until it returns, which may be never: the thread then ends with the process.
    public void Dispose() => _inotify.Dispose();

    private void Read()
    {
        var buffer = new byte[64 * EventBytes];
        try
        {
            while (RandomAccess.Read(_inotify, buffer, 0) is > 0 and var got)
                Note(got / EventBytes);
        }
        catch (ObjectDisposedException)
        {
            // Nobody watches any more.
        }
    }

    private void Note(int starts)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_starts)
        {
            for (var i = 0; i < starts; i++)
                _starts.Add(now);
        }
    }
}
