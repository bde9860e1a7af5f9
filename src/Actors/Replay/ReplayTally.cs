using System.Collections.Concurrent;

namespace FtpActors.Actors.Replay;

/// <summary>A replay as it is told to people.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Query">What it is about.</param>
/// <param name="State">Where it stands.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Read">Events looked at.</param>
/// <param name="Total">Events to look at, as far as is known; 0 before it has begun.</param>
/// <param name="Matched">Matches of rules.</param>
/// <param name="Made">Deliveries made; 0 for a dry run.</param>
/// <param name="Rate">Events per second since it began or went on; 0 when it does not run.</param>
/// <param name="Remaining">How long it will go on at that rate; null when not known.</param>
/// <param name="Rules">Matches by rule since it began or went on; empty when it did not run since the node started.</param>
/// <param name="MissingRules">Rules that there were at its beginning and are no more; they take no part.</param>
/// <param name="Problem">Why it does not go on although it is not at its end; null mostly.</param>
public sealed record ReplayProgress(
    string Id, ReplayQuery Query, ReplayState State, DateTimeOffset CreatedAt, long Read, long Total, long Matched, long Made, double Rate,
    TimeSpan? Remaining, IReadOnlyDictionary<string, long> Rules, IReadOnlyList<string> MissingRules, string? Problem);

/// <summary>What a running replay has done, counted by its walks on several threads.</summary>
internal sealed class ReplayTally(TimeProvider time)
{
    // Bounded by the rules.
    private readonly ConcurrentDictionary<string, long> _rules = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();
    private long _read, _before, _matched, _made, _total;
    private double? _seconds;

    public void Read(long events) => Interlocked.Add(ref _read, events);

    public void Made(int deliveries) => Interlocked.Add(ref _made, deliveries);

    public void Total(long events) => Volatile.Write(ref _total, events);

    public void Matched(string rule)
    {
        Interlocked.Increment(ref _matched);
        _rules.AddOrUpdate(rule, 1, static (_, n) => n + 1);
    }

    /// <summary>It runs no more.</summary>
    public void End() => _seconds = time.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Before an interrupt it made so many, one for each match.</summary>
    public void MadeBefore(long deliveries)
    {
        Interlocked.Add(ref _made, deliveries);
        Interlocked.Add(ref _matched, deliveries);
        // What was read before says nothing of the rate.
        Volatile.Write(ref _before, Volatile.Read(ref _read));
    }

    /// <summary>The record with what it has done so far.</summary>
    public ReplayRecord Of(ReplayRecord record) =>
        record with { Read = Volatile.Read(ref _read), Matched = Volatile.Read(ref _matched), Made = Volatile.Read(ref _made) };

    public ReplayProgress Tell(ReplayRecord record, ReplayQuery query, IReadOnlyList<string> missing, string? problem)
    {
        var read = Volatile.Read(ref _read);
        var total = Math.Max(read, Volatile.Read(ref _total));
        var rate = (read - Volatile.Read(ref _before)) / Math.Max(0.001, _seconds ?? time.GetElapsedTime(_began).TotalSeconds);
        var running = record.State == ReplayState.Running && _seconds is null;
        return new ReplayProgress(
            record.Id, query, record.State, record.CreatedAt, read, total, Volatile.Read(ref _matched), Volatile.Read(ref _made), rate,
            running && rate > 0 ? TimeSpan.FromSeconds((total - read) / rate) : null, new SortedDictionary<string, long>(_rules, StringComparer.Ordinal), missing, problem);
    }
}
