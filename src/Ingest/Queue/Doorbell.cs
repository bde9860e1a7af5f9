using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// Sleeps in the kernel until a queue has a message, and leaves the message there; a stop wakes it. See
/// <see cref="SystemVQueue.WaitForMessage"/> for how the kernel is made to do that.
/// <para>
/// Only a signal gets a thread out of msgrcv, which no handler restarts (signal(7)). The signal is SIGCONT: by default it harms nobody, but it
/// interrupts only where there is a handler. It may come just before the call enters the kernel and is then of no effect, so it is repeated until
/// the thread has left the wait.
/// </para>
/// Belongs to the thread that made it.
/// </summary>
internal sealed class Doorbell : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(10);

    private readonly SystemVQueue _queue;
    private readonly CancellationToken _stop;
    private readonly int _thread = ThreadCalls.Current();
    // Not cancelled: what .NET itself does at SIGCONT (the terminal after a Ctrl-Z) is still to be done.
    private readonly PosixSignalRegistration _handler = PosixSignalRegistration.Create((PosixSignal)ThreadCalls.SIGCONT, _ => { });
    private readonly Timer _waker;
    private readonly CancellationTokenRegistration _onStop;
    private readonly Lock _gate = new();
    private bool _isWaiting;

    public Doorbell(SystemVQueue queue, CancellationToken stop)
    {
        (_queue, _stop) = (queue, stop);
        _waker = new Timer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Again);
        _onStop = stop.Register(() => _waker.Change(TimeSpan.Zero, Again));
    }

    /// <summary>Returns when the queue has a message, at the stop, and now and then without a reason.</summary>
    /// <returns>0, or the type of an empty message: that one is taken and in the caller's hands.</returns>
    /// <exception cref="SystemVQueueException">As <see cref="SystemVQueue.WaitForMessage"/>.</exception>
    public long Wait()
    {
        Waiting(true);
        try
        {
            // Asked only now: a stop that comes later finds a thread to wake.
            return _stop.IsCancellationRequested ? 0 : _queue.WaitForMessage();
        }
        finally
        {
            Waiting(false);
        }
    }

    public void Dispose()
    {
        _onStop.Dispose();
        _waker.Dispose();
        _handler.Dispose();
    }

    private void Waiting(bool waiting)
    {
        lock (_gate)
            _isWaiting = waiting;
    }

    // Under the lock, so that no signal goes to a thread that is at other work, or at its end.
    private void Wake()
    {
        lock (_gate)
        {
            if (_isWaiting)
                ThreadCalls.Continue(_thread);
        }
    }
}
