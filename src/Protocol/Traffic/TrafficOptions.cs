namespace FtpActors.Protocol.Traffic;

/// <summary>What traffic to make up.</summary>
public sealed record TrafficOptions
{
    /// <summary>Sessions, from 0 to 10,000,000 (each has a remote address of its own). Default 1,000.</summary>
    public int Sessions { get; init; } = 1000;

    /// <summary>The same seed and options give the same bytes in the same order, always. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Sessions that are open at once, from 1 to 1,000,000. Default 200.</summary>
    public int Concurrency { get; init; } = 200;

    /// <summary>Fewest operations of a session, besides login and logout. Default 2.</summary>
    public int MinOps { get; init; } = 2;

    /// <summary>Most operations of a session, up to 1,000,000. Default 20.</summary>
    public int MaxOps { get; init; } = 20;

    /// <summary>
    /// Mean plan time between two messages of one session, from 5 ms to 1 hour. Default 200 ms. All sessions together send
    /// <see cref="Concurrency"/> / <see cref="MeanGap"/> messages per second of plan time.
    /// </summary>
    public TimeSpan MeanGap { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Share of messages that are sent a second time, 1 to 200 ms after the first, from 0 to 1. Default 0.</summary>
    public double DuplicateShare { get; init; }

    /// <summary>
    /// Every message is sent up to so many milliseconds of plan time after its turn, so that it may be overtaken, from 0 to 60,000. Default 0: in order.
    /// </summary>
    public int ReorderMs { get; init; }

    /// <summary>Time of offset zero, by which the messages date transfers; cut to the millisecond. Default 2026-01-01 UTC.</summary>
    public DateTimeOffset StartAt { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal void Validate()
    {
        Require(Sessions is >= 0 and <= 10_000_000, nameof(Sessions), "from 0 to 10,000,000");
        Require(Concurrency is >= 1 and <= 1_000_000, nameof(Concurrency), "from 1 to 1,000,000");
        Require(MinOps >= 0 && MinOps <= MaxOps, nameof(MinOps), "from 0 to MaxOps");
        Require(MaxOps <= 1_000_000, nameof(MaxOps), "up to 1,000,000");
        Require(MeanGap >= TimeSpan.FromMilliseconds(5) && MeanGap <= TimeSpan.FromHours(1), nameof(MeanGap), "from 5 ms to 1 hour");
        Require(DuplicateShare is >= 0 and <= 1, nameof(DuplicateShare), "from 0 to 1");
        Require(ReorderMs is >= 0 and <= 60_000, nameof(ReorderMs), "from 0 to 60,000");
        Require(StartAt.Year is >= 1970 and < 9000, nameof(StartAt), "from the year 1970 to 8999");
    }

    private static void Require(bool holds, string option, string range)
    {
        if (!holds)
            throw new ArgumentException($"{option} must be {range}.", option);
    }
}
