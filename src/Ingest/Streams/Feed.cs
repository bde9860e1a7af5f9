namespace FtpActors.Ingest.Streams;

/// <summary>
/// Between the thread that reads from the kernel and its stage, for one life of the stage. All but <see cref="Pulled"/> and
/// <see cref="Break"/> belongs to that thread.
/// </summary>
internal sealed class Feed<T> : IDisposable
{
    private readonly SourceRun<T> _run;
    private readonly Action<T> _push;
    // These two hold nothing that has to be given back, and a late pull or end may come after the thread's own.
    private readonly CancellationTokenSource _broken = new();
    private readonly SemaphoreSlim _pulls = new(0);
    private readonly CancellationTokenSource _end;
    private bool _isWanted;

    /// <param name="run">Counts what is on its way.</param>
    /// <param name="push">Hands an element in to the stage.</param>
    public Feed(SourceRun<T> run, Action<T> push)
    {
        (_run, _push) = (run, push);
        _end = CancellationTokenSource.CreateLinkedTokenSource(run.Stop, _broken.Token);
        End = _end.Token;
    }

    /// <summary>Cancelled at the stop, and when the stream has broken: nothing more is to be read.</summary>
    public CancellationToken End { get; }

    /// <summary>Whether the stream wants an element now.</summary>
    public bool IsWanted => _isWanted || (_isWanted = _pulls.Wait(0, CancellationToken.None));

    /// <summary>All that was ever given is acknowledged.</summary>
    public bool IsIdle => _run.InFlight == 0;

    /// <summary>Blocks until the stream wants an element; false at the end, when nothing more is to be read.</summary>
    public bool WaitUntilWanted()
    {
        try
        {
            WaitForPull(End);
            return !End.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Hands in an element and goes on; waits only until it is wanted, also after the stop.</summary>
    /// <exception cref="OperationCanceledException">The stream has broken.</exception>
    public void Give(T element)
    {
        WaitForPull(_broken.Token);
        _isWanted = false;
        _run.Given();
        _push(element);
    }

    /// <summary>Hands in an element and returns when the stream has acknowledged it. For readers that have one batch in flight.</summary>
    /// <exception cref="OperationCanceledException">It was not stored: the stop came while the spool could not, or the stream has broken.</exception>
    public void Store(T element) => IsStored(Begin(element), Timeout.InfiniteTimeSpan);

    /// <summary>Hands in an element and goes on, for readers that have one batch in flight and make the next meanwhile.</summary>
    /// <returns>For <see cref="IsStored"/>, before the next element.</returns>
    /// <exception cref="OperationCanceledException">The stream has broken.</exception>
    public Word Begin(T element)
    {
        var word = _run.NextWord();
        Give(element);
        return word;
    }

    /// <summary>Waits until the stream has acknowledged an element, at most a time; false when it has not.</summary>
    /// <exception cref="OperationCanceledException">As <see cref="Store"/>.</exception>
    public bool IsStored(Word word, TimeSpan most) => word.Wait(most, _broken.Token);

    /// <summary>The stage was asked for an element.</summary>
    public void Pulled() => _pulls.Release();

    /// <summary>The stage has ended: nobody takes anything any more.</summary>
    public void Break() => _broken.Cancel();

    public void Dispose() => _end.Dispose();

    private void WaitForPull(CancellationToken cancel)
    {
        if (!_isWanted)
            _pulls.Wait(cancel);
        _isWanted = true;
    }
}
