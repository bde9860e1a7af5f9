namespace FtpActors.Ingest.Kafka;

/// <summary>
/// Which messages of one partition have been told. They are told in the order of their sessions, so a few above the first that waits may be told already. Not safe for several
/// threads.
/// </summary>
internal sealed class OffsetTrail
{
    private readonly SortedSet<long> _waiting = [];
    private readonly SortedSet<long> _above;

    /// <param name="next">The first that was not told; the ones before were.</param>
    /// <param name="above">Those behind it that were told as well.</param>
    public OffsetTrail(long next, IEnumerable<long> above) => (Next, End, _above) = (next, next, [.. above.Where(o => o > next)]);

    /// <summary>All before were told.</summary>
    public long Next { get; private set; }

    /// <summary>What was told behind <see cref="Next"/>, in order.</summary>
    public IReadOnlyCollection<long> Above => _above;

    private long End { get; set; }

    /// <summary>Takes note of a message that was read; false when it was told before.</summary>
    public bool Read(long offset)
    {
        End = Math.Max(End, offset + 1);
        if (offset < Next)
            return false;
        if (_above.Contains(offset))
        {
            Move();
            return false;
        }
        _waiting.Add(offset);
        return true;
    }

    /// <summary>Takes note of a message that is told.</summary>
    public void Told(long offset)
    {
        if (_waiting.Remove(offset))
            _above.Add(offset);
        Move();
    }

    // Offsets may have gaps (of transactions): what was read to here and does not wait was told.
    private void Move()
    {
        Next = Math.Max(Next, _waiting.Count > 0 ? _waiting.Min : End);
        _above.RemoveWhere(o => o < Next);
    }
}
