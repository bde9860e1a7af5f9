namespace FtpActors.Protocol.Traffic;

/// <summary>
/// A small random number generator (Steele, Lea and Flood 2014, "SplitMix64"; public domain reference by Vigna, https://prng.di.unimi.it/splitmix64.c).
/// Our own, because a seed must give the same traffic with every version of .NET. Not for secrets.
/// </summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from <paramref name="from"/> to <paramref name="to"/>, both included.</summary>
    public int Between(int from, int to) => from + (int)(((Next() >> 32) * (ulong)((long)to - from + 1)) >> 32);

    /// <summary>True with a probability from 0 to 1.</summary>
    public bool Chance(double probability) => (Next() >> 11) * (1.0 / (1UL << 53)) < probability;
}
