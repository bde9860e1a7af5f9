namespace FtpActors.Actors.Lease;

/// <summary>
/// How long an owner may take a lease for its own: pure. It counts from before each question that the server has confirmed, and ends half a limit later, or with the first error.
/// Whoever comes next has the lock of the server, whose session of the former owner is gone, and still waits for that half: a server that was started again, or a standby that took
/// over, has no sessions at all, and the former owner may not have heard of it.
/// </summary>
/// <param name="limit">How long an owner may be silent before the server frees its lock.</param>
/// <param name="time">The clock.</param>
public sealed class LeaseTrust(TimeSpan limit, TimeProvider time)
{
    private long _confirmed = time.GetTimestamp();
    private volatile bool _isLost;

    /// <summary>Whether it may be taken for one's own.</summary>
    public bool IsGood => !_isLost && time.GetElapsedTime(Volatile.Read(ref _confirmed)) < limit / 2;

    /// <summary>Before a question to the server; the answer belongs to <see cref="Confirm"/>.</summary>
    public long Ask() => time.GetTimestamp();

    /// <summary>The server has confirmed the question of that time.</summary>
    public void Confirm(long asked) => Volatile.Write(ref _confirmed, asked);

    /// <summary>It is gone, or may be.</summary>
    public void Lose() => _isLost = true;

    /// <summary>How long the next owner waits.</summary>
    /// <param name="written">Since the server wrote the former owner's last confirmation, by the server's clock; null when there was none, or it has given the lease back.</param>
    /// <param name="limit">The limit, the same for all.</param>
    public static TimeSpan WaitOf(TimeSpan? written, TimeSpan limit)
    {
        // No longer than this either way, whatever the clock of a server that took over says.
        var left = written is { } since ? (limit / 2) - since : TimeSpan.Zero;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > limit / 2 ? limit / 2 : left;
    }
}
