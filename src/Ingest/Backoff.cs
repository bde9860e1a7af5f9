namespace FtpActors.Ingest;

/// <summary>Waits between tries: 0.2 s, doubling up to 5 s, each shortened by up to a half at random so that nodes do not march in step.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private TimeSpan _next = First;

    public void Reset() => _next = First;

    /// <summary>Blocks the calling thread for the next wait.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> came first.</exception>
    public void Wait(CancellationToken stop) => Wait(Next(), stop);

    /// <summary>Blocks the calling thread for a wait that <see cref="Next"/> gave.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> came first.</exception>
    public void Wait(TimeSpan wait, CancellationToken stop)
    {
        if (wait > TimeSpan.Zero)
            Task.Delay(wait, time, stop).GetAwaiter().GetResult();
    }

    /// <summary>How long to wait now.</summary>
    public TimeSpan Next()
    {
#pragma warning disable CA5394 // Jitter needs no secret.
        var wait = _next * (0.5 + Random.Shared.NextDouble() / 2);
#pragma warning restore CA5394
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return wait;
    }
}
