namespace FtpActors.Node.Bench;

/// <summary>Latencies of one run, in milliseconds.</summary>
internal readonly record struct Latency(double P50, double P99, double Max)
{
    /// <summary>Of differences in Stopwatch ticks; sorts them in place.</summary>
    public static Latency Of(long[] ticks)
    {
        Array.Sort(ticks);
        return new Latency(At(ticks, 0.50), At(ticks, 0.99), At(ticks, 1));
    }

    private static double At(long[] sorted, double share) =>
        sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)] * 1000.0 / System.Diagnostics.Stopwatch.Frequency;
}

/// <summary>The middle of several runs: these machines are noisy.</summary>
internal static class Median
{
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public static Latency Of(IReadOnlyCollection<Latency> values) =>
        new(Of(values.Select(l => l.P50)), Of(values.Select(l => l.P99)), Of(values.Select(l => l.Max)));
}
