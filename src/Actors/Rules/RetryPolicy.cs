namespace FtpActors.Actors.Rules;

/// <summary>How often and how patiently an action is tried: exponential back-off with full jitter, so that deliveries that failed together do not come back together.</summary>
/// <param name="Attempts">Tries in all, from 1 to 1,000.</param>
/// <param name="First">Longest wait after the first try.</param>
/// <param name="Max">Longest wait after any try.</param>
public sealed record RetryPolicy(int Attempts, TimeSpan First, TimeSpan Max)
{
    /// <summary>10 tries, first wait up to 2 s, later ones up to 10 min.</summary>
    public static RetryPolicy Default { get; } = new(10, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));

    /// <summary>The longest wait after try <paramref name="attempt"/> (from 1): min(max, first × 2^(attempt-1)).</summary>
    public TimeSpan Ceiling(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        var ticks = First.Ticks * Math.Pow(2, attempt - 1);
        return ticks >= Max.Ticks ? Max : new TimeSpan((long)ticks);
    }

    /// <summary>The wait after try <paramref name="attempt"/>, evenly spread from nothing to <see cref="Ceiling"/>.</summary>
    /// <param name="attempt">The try that has just failed, from 1.</param>
    /// <param name="random">A number from 0 to below 1, such as <see cref="Random.NextDouble"/>.</param>
    /// <param name="atLeast">A wait that the other side asked for (Retry-After); the result is not shorter.</param>
    public TimeSpan Delay(int attempt, double random, TimeSpan? atLeast = null)
    {
        var delay = Ceiling(attempt) * random;
        return atLeast is { } least && least > delay ? least : delay;
    }

    /// <summary>Whether another try follows try <paramref name="attempt"/> (from 1).</summary>
    public bool HasNext(int attempt) => attempt < Attempts;
}
