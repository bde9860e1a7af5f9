using System.Runtime.InteropServices;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>How a child ended.</summary>
/// <param name="Code">Exit code, or 128 + the signal.</param>
/// <param name="Signal">The signal that ended it, 0 when it exited.</param>
/// <param name="TimedOut">Whether we ended it.</param>
internal sealed record ChildExit(int Code, int Signal, bool TimedOut);

/// <summary>
/// A running process group and its output. States go one way: running, told to end (SIGTERM), killed, ended, finished. A child that has
/// ended is finished when its output is at its end, or after <see cref="PipeGrace"/>, since a grandchild may hold the pipe for ever.
/// </summary>
internal sealed unsafe class Child
{
    private static readonly TimeSpan PipeGrace = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly ChildLoop _loop;
    private readonly TimeSpan _termGrace;
    private readonly ITimer _timer;
    private readonly TaskCompletionSource<ChildExit> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _pid;
    private bool _stopping;
    private bool _outputEnded;
    private ChildExit? _exit;
    private bool _isFinished;

    public Child(ChildLoop loop, int pid, int pidDescriptor, int output, TimeSpan timeout, TimeSpan termGrace, TimeProvider time)
    {
        _loop = loop;
        _pid = pid;
        PidDescriptor = pidDescriptor;
        Output = output;
        _termGrace = termGrace;
        _timer = time.CreateTimer(static child => ((Child)child!).OnTimer(), this, timeout, Timeout.InfiniteTimeSpan);
    }

    public long Id { get; set; }

    public int PidDescriptor { get; }

    public int Output { get; }

    public OutputEnds Ends { get; } = new();

    public Task<ChildExit> Finished => _finished.Task;

    public bool IsFinished => Volatile.Read(ref _isFinished);

    /// <summary>Asks the whole group to end, and makes it end after the grace.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_exit is not null || _stopping)
                return;
            _stopping = true;
            _ = Libc.kill(-_pid, Libc.SIGTERM);
            _timer.Change(_termGrace, Timeout.InfiniteTimeSpan);
        }
    }

    public void OnOutput()
    {
        lock (_gate)
        {
            if (_isFinished || _outputEnded)
                return;
            Drain();
            if (_outputEnded && _exit is not null)
                Finish();
        }
    }

    public void OnExit()
    {
        lock (_gate)
        {
            if (_exit is not null)
                return;
            // Before the reaping, while the group's number cannot be anybody else's: what was told to end takes its children along.
            if (_stopping)
                _ = Libc.kill(-_pid, Libc.SIGKILL);
            _loop.Close(PidDescriptor);
            var status = Libc.Reap(_pid);
            var signal = status & 0x7f;
            _exit = new ChildExit(signal != 0 ? 128 + signal : (status >> 8) & 0xff, signal, _stopping);
            if (!_outputEnded)
                Drain();
            if (_outputEnded)
                Finish();
            else
                _timer.Change(PipeGrace, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_isFinished)
                return;
            if (_exit is not null)
            {
                Finish();
                _loop.Forget(this);
            }
            else if (_stopping)
            {
                _ = Libc.kill(-_pid, Libc.SIGKILL);
            }
            else
            {
                Stop();
            }
        }
    }

    // One round reads at most 16 buffers, so that one loud child does not keep the loop from the others.
    private void Drain()
    {
        var buffer = stackalloc byte[OutputEnds.Kept];
        for (var round = 0; round < 16; round++)
        {
            var count = Libc.read(Output, buffer, OutputEnds.Kept);
            if (count > 0)
            {
                Ends.Add(new ReadOnlySpan<byte>(buffer, (int)count));
                continue;
            }
            var errno = Marshal.GetLastPInvokeError();
            if (count < 0 && errno == Libc.EINTR)
                continue;
            if (count == 0 || errno != Libc.EAGAIN)
            {
                _outputEnded = true;
                _loop.Close(Output);
            }
            return;
        }
    }

    private void Finish()
    {
        Volatile.Write(ref _isFinished, true);
        if (!_outputEnded)
            _loop.Close(Output);
        _timer.Dispose();
        _finished.TrySetResult(_exit!);
    }
}
