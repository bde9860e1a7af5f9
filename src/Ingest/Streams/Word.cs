namespace FtpActors.Ingest.Streams;

/// <summary>What a reader is told of an element that it gave; said once. A task would spin before it waits, and take from the node the core that stores the element.</summary>
#pragma warning disable CA1001 // Its wait handle is never asked for, so there is nothing to give back.
internal sealed class Word
#pragma warning restore CA1001
{
    private readonly ManualResetEventSlim _said = new(false, spinCount: 0);
    private volatile bool _isStored;

    /// <summary>Says it.</summary>
    /// <param name="isStored">The element is durable; false when it was given up at the stop.</param>
    public void Say(bool isStored)
    {
        _isStored = isStored;
        _said.Set();
    }

    /// <summary>Blocks until it is said, at most a time.</summary>
    /// <returns>False when it has not been said.</returns>
    /// <exception cref="OperationCanceledException">The element was given up, or the stream has broken.</exception>
    public bool Wait(TimeSpan most, CancellationToken broken)
    {
        if (!_said.Wait(most, broken))
            return false;
        return _isStored ? true : throw new OperationCanceledException("Stopped while the spool could not store.");
    }
}
