using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// Remembers the fingerprints of the last seconds, by time of receipt. A message that carries its own time and figures (a transfer) is
/// remembered for the long window; the others for the short one, because a user may well delete the same path twice.
/// </summary>
internal sealed class DuplicateWindow(TimeSpan shortWindow, TimeSpan longWindow)
{
    // Bounds the memory of one shard (about 20 MB): beyond it the oldest is forgotten, so that a flood can at worst let a duplicate through.
    private const int Most = 100_000;

    private readonly Dictionary<string, DateTimeOffset> _expiry = new(StringComparer.Ordinal);
    private readonly Queue<(string Fingerprint, DateTimeOffset Expiry)> _short = new();
    private readonly Queue<(string Fingerprint, DateTimeOffset Expiry)> _long = new();

    /// <summary>True when an identical message is in its window; else the message is remembered.</summary>
    public bool IsDuplicate(FtpEvent e)
    {
        var fingerprint = e.Fingerprint!;
        if (_expiry.TryGetValue(fingerprint, out var expiry) && e.ReceivedAt <= expiry)
            return true;

        var carriesTime = e.Kind is EventKind.Upload or EventKind.Download && e.Time is not null;
        expiry = e.ReceivedAt + (carriesTime ? longWindow : shortWindow);
        _expiry[fingerprint] = expiry;
        (carriesTime ? _long : _short).Enqueue((fingerprint, expiry));
        Forget(_short, e.ReceivedAt);
        Forget(_long, e.ReceivedAt);
        return false;
    }

    /// <summary>What it remembers, oldest first within each length of time.</summary>
    public IEnumerable<(string Fingerprint, DateTimeOffset Expiry, bool IsLong)> Remembered =>
        _short.Select(m => (m.Fingerprint, m.Expiry, false)).Concat(_long.Select(m => (m.Fingerprint, m.Expiry, true)));

    /// <summary>Remembers what another window did.</summary>
    public void Remember(string fingerprint, DateTimeOffset expiry, bool isLong)
    {
        _expiry[fingerprint] = expiry;
        (isLong ? _long : _short).Enqueue((fingerprint, expiry));
    }

    private void Forget(Queue<(string Fingerprint, DateTimeOffset Expiry)> queue, DateTimeOffset now)
    {
        while (queue.TryPeek(out var oldest) && (oldest.Expiry < now || queue.Count > Most))
        {
            queue.Dequeue();
            // The same fingerprint may have been remembered anew since.
            if (_expiry.TryGetValue(oldest.Fingerprint, out var expiry) && expiry == oldest.Expiry)
                _expiry.Remove(oldest.Fingerprint);
        }
    }
}
