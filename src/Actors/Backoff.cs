namespace FtpActors.Actors;

/// <summary>Waiting times between tries: doubling from <paramref name="first"/> to <paramref name="max"/>, with full jitter.</summary>
public sealed class Backoff(TimeSpan first, TimeSpan max)
{
    private int _tries;

    /// <summary>The next waiting time, between a tenth of the doubled time and the whole of it.</summary>
    public TimeSpan Next()
    {
        var whole = Math.Min(max.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(_tries++, 30)));
        return TimeSpan.FromMilliseconds(whole * (0.1 + (0.9 * Random.Shared.NextDouble())));
    }

    /// <summary>It worked: start from the beginning next time.</summary>
    public void Reset() => _tries = 0;
}
