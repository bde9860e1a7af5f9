namespace FtpActors.Ingest;

/// <summary>Waits between tries: 0.2 s, doubling up to 5 s, each shortened by up to a half at random so that nodes do not march in step.</summary>
internal sealed class Backoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private TimeSpan _next = First;

    /// <summary>The next wait; ends early, and in peace, at the stop.</summary>
    public async Task WaitAsync(CancellationToken stop) =>
        await Task.Delay(Next(), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private TimeSpan Next()
    {
#pragma warning disable CA5394 // Jitter needs no secret.
        var wait = _next * (0.5 + Random.Shared.NextDouble() / 2);
#pragma warning restore CA5394
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return wait;
    }
}
