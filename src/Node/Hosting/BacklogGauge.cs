namespace FtpActors.Node.Hosting;

/// <summary>From when on a node is behind.</summary>
/// <param name="Events">Stored events that wait to be applied. Default 100,000.</param>
/// <param name="Age">How long the oldest of them has waited. Default 5 min.</param>
internal sealed record BacklogLimits(long Events, TimeSpan Age)
{
    public BacklogLimits() : this(100_000, TimeSpan.FromMinutes(5))
    {
    }
}

/// <summary>
/// Decides when a backlog is told: once when it passes a limit, and again only after it has fallen below half of both limits, so that one
/// that swings around a limit is one backlog.
/// </summary>
internal sealed class BacklogGauge(BacklogLimits limits)
{
    /// <summary>A limit was passed and the backlog has not fallen below half since.</summary>
    public bool IsHigh { get; private set; }

    /// <summary>Takes a reading; true when this one is to be told.</summary>
    /// <param name="waiting">Events that wait.</param>
    /// <param name="age">How long the oldest has waited; zero when none does.</param>
    public bool Rises(long waiting, TimeSpan age)
    {
        if (IsHigh)
        {
            IsHigh = waiting > limits.Events / 2 || age > limits.Age / 2;
            return false;
        }
        return IsHigh = waiting > limits.Events || age > limits.Age;
    }
}
