using Akka;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace FtpActors.Ingest.Streams;

/// <summary>
/// One run of a source as a stream. In trouble its reader returns and is started again after a back-off; the run is over when the stop has come, the reader has
/// returned, and all that it read is acknowledged: then a kill switch ends the stream, also in the middle of a back-off.
/// </summary>
internal sealed class SourceRun<T> : IDisposable
{
    private static readonly RestartSettings Restarts = RestartSettings.Create(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5), 0.5);

    private readonly string _name;
    private readonly Action<Feed<T>> _read;
    private readonly CancellationToken _stop;
    private readonly SharedKillSwitch _kill;
    private readonly CancellationTokenRegistration _onStop;
    private readonly Lock _gate = new();
    private int _inFlight;
    private bool _isReading;
    private Word? _word;
    private Task _thread = Task.CompletedTask;

    /// <param name="name">Of the reader's thread.</param>
    /// <param name="read">
    /// One life of the reader, on a thread of its own: reads until the stop, or until trouble that it reports itself, and returns. What it throws ends the run.
    /// </param>
    /// <param name="stop">The stop.</param>
    public SourceRun(string name, Action<Feed<T>> read, CancellationToken stop)
    {
        (_name, _read, _stop, _kill) = (name, read, stop, KillSwitches.Shared(name));
        _onStop = stop.Register(EndWhenDone);
    }

    /// <summary>What is read. Each element is to be acknowledged once, in order.</summary>
    public Source<T, NotUsed> Source =>
        RestartSource.WithBackoff(() => Akka.Streams.Dsl.Source.FromGraph(new KernelSource<T>(this)), Restarts).Via(_kill.Flow<T>());

    /// <summary>The stop.</summary>
    public CancellationToken Stop => _stop;

    /// <summary>Elements that were given and not acknowledged yet.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate)
                return _inFlight;
        }
    }

    /// <summary>Tells the reader what has become of the oldest element in flight.</summary>
    /// <param name="isStored">It is durable; false when it was given up at the stop.</param>
    public void Acknowledge(bool isStored)
    {
        Word? word;
        lock (_gate)
        {
            _inFlight--;
            (word, _word) = (_word, null);
        }
        word?.Say(isStored);
        EndWhenDone();
    }

    /// <summary>Ends when the stream and the thread have ended, and fails as the stream does.</summary>
    public async Task EndAsync(Task stream)
    {
        await stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _thread.ConfigureAwait(false);
        await stream.ConfigureAwait(false);
    }

    public void Dispose() => _onStop.Dispose();

    /// <summary>Starts the reader's thread for one life of the stage; null after the stop.</summary>
    /// <param name="push">Takes what is read.</param>
    /// <param name="ended">Called when the reader has returned.</param>
    internal Feed<T>? TryBegin(Action<T> push, Action ended)
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested)
                return null;
            _isReading = true;
        }
        var feed = new Feed<T>(this, push);
        _thread = SourceThread.Run(_name, () => Live(feed, ended));
        return feed;
    }

    internal void Given()
    {
        lock (_gate)
            _inFlight++;
    }

    /// <summary>What will be said of the next element that is given.</summary>
    internal Word NextWord()
    {
        var word = new Word();
        lock (_gate)
            _word = word;
        return word;
    }

    private void Live(Feed<T> feed, Action ended)
    {
        try
        {
            _read(feed);
        }
        catch (OperationCanceledException) when (feed.End.IsCancellationRequested)
        {
            // What was in hand was not stored; the reader has seen to it.
        }
#pragma warning disable CA1031 // The exception is not swallowed: the stream fails with it, and the node decides.
        catch (Exception e)
        {
            _kill.Abort(e);
        }
#pragma warning restore CA1031
        feed.Dispose();
        lock (_gate)
            _isReading = false;
        // Before the end of the stream, so that it still arrives there.
        ended();
        EndWhenDone();
    }

    private void EndWhenDone()
    {
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested || _isReading || _inFlight > 0)
                return;
        }
        _kill.Shutdown();
    }
}
