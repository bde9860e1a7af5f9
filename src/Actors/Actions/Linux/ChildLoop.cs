using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>
/// One thread that waits for all running children at once: for their end (pidfd) and their output (pipe). Children are added by any
/// thread; only their own pids are waited for, so children that others started are left to them.
/// </summary>
internal sealed unsafe class ChildLoop : IDisposable
{
    private const int MaxEvents = 64;

    // struct epoll_event is packed on x86-64 only (sys/epoll.h).
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    // Bounded by the runner, which starts no more children than it may have at once.
    private readonly ConcurrentDictionary<long, Child> _children = new();
    private readonly int _epoll;
    private readonly (int Read, int Write) _wake;
    private readonly Thread _thread;
    private long _lastId;

    public ChildLoop()
    {
        _epoll = Libc.epoll_create1(Libc.O_CLOEXEC);
        if (_epoll < 0)
            throw new IOException($"epoll_create1: {Libc.Message(Marshal.GetLastPInvokeError())}");
        _wake = Libc.Pipe();
        Watch(_wake.Read, 0);
        _thread = new Thread(Run) { IsBackground = true, Name = "exec-children" };
        _thread.Start();
    }

    /// <summary>Looks after a child from now on. Its descriptors belong to the loop.</summary>
    public void Add(Child child)
    {
        var id = Interlocked.Increment(ref _lastId);
        child.Id = id;
        _children[id] = child;
        Watch(child.Output, 2 * id + 1);
        Watch(child.PidDescriptor, 2 * id);
    }

    /// <summary>
    /// Closes a descriptor that <see cref="Add"/> took. It is taken out of epoll first: while another child is between fork and exec it has a copy
    /// of the descriptor, and closing ours alone would leave it in epoll, reported again and again.
    /// </summary>
    public void Close(int fd)
    {
        _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, fd, null);
        _ = Libc.close(fd);
    }

    /// <summary>Ends the thread. No child may be running.</summary>
    public void Dispose()
    {
        byte any = 0;
        _ = Libc.write(_wake.Write, &any, 1);
        _thread.Join();
        _ = Libc.close(_wake.Read);
        _ = Libc.close(_wake.Write);
        _ = Libc.close(_epoll);
    }

    private void Watch(int fd, long tag)
    {
        var e = stackalloc byte[16];
        *(uint*)e = Libc.EPOLLIN;
        *(long*)(e + Stride - 8) = tag;
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, fd, e) != 0)
            throw new IOException($"epoll_ctl: {Libc.Message(Marshal.GetLastPInvokeError())}");
    }

    private void Run()
    {
        var events = stackalloc byte[MaxEvents * 16];
        while (true)
        {
            var count = Libc.epoll_wait(_epoll, events, MaxEvents, -1);
            if (count < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Libc.EINTR)
                    continue;
                throw new IOException($"epoll_wait: {Libc.Message(errno)}");
            }
            for (var i = 0; i < count; i++)
            {
                var tag = *(long*)(events + i * Stride + Stride - 8);
                if (tag == 0)
                    return;
                // Gone when an earlier event of the same round finished it.
                if (!_children.TryGetValue(tag / 2, out var child))
                    continue;
                if ((tag & 1) != 0)
                    child.OnOutput();
                else
                    child.OnExit();
                if (child.IsFinished)
                    _children.TryRemove(tag / 2, out _);
            }
        }
    }

    /// <summary>Called by a child that finished on another thread (its pipe was left open by somebody else).</summary>
    public void Forget(Child child) => _children.TryRemove(child.Id, out _);
}
