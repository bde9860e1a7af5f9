using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors;

/// <summary>What has gone wrong with one shard in this node: says it in the log without repeating itself, and knows when others should have the shard.</summary>
internal sealed partial class ShardTrouble(int shard, TimeProvider time, ILogger log)
{
    private const int MostFailures = 3;
    private static readonly TimeSpan FailuresCount = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Refusal = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongHeld = TimeSpan.FromSeconds(10);

    // The last three.
    private readonly Queue<DateTimeOffset> _failures = [];
    private long _refusedUntil = long.MinValue;
    private DateTimeOffset? _heldSince;
    private string? _waits;

    /// <summary>Failed too often lately. Safe from any thread.</summary>
    public bool IsRefused => time.GetUtcNow().UtcTicks < Volatile.Read(ref _refusedUntil);

    public void Refuse()
    {
        if (!IsRefused)
            LogRefused(shard, Refusal.TotalMinutes);
        Volatile.Write(ref _refusedUntil, (time.GetUtcNow() + Refusal).UtcTicks);
    }

    /// <summary>It was taken.</summary>
    public void Taken() => (_heldSince, _waits) = (null, null);

    /// <summary>Another has it: as it should be for a moment, worth a line when it lasts.</summary>
    public void Held(ShardHeldException held)
    {
        var now = time.GetUtcNow();
        _heldSince ??= now;
        if (now - _heldSince < LongHeld)
            return;
        _heldSince = now;
        LogHeld(shard, held.Message);
    }

    public void Lost(ShardLostException lost) => LogLost(shard, lost.Message);

    /// <summary>The journal is not there: said once until the shard is taken. No failure of this shard.</summary>
    public void Waits(JournalUnavailableException waits)
    {
        if (_waits == waits.Message)
            return;
        _waits = waits.Message;
        LogWaits(shard, waits.Message);
    }

    public void NotGivenBack(JournalException e) => LogNotGivenBack(shard, e.Message);

    public void Failed(Exception failure)
    {
        LogFailed(failure, shard);
        var now = time.GetUtcNow();
        _failures.Enqueue(now);
        if (_failures.Count > MostFailures)
            _failures.Dequeue();
        if (_failures.Count == MostFailures && now - _failures.Peek() <= FailuresCount)
            Refuse();
    }

    [LoggerMessage(2001, LogLevel.Warning, "Shard {Shard} was lost and will be taken again: {Reason}")]
    private partial void LogLost(int shard, string reason);

    [LoggerMessage(2002, LogLevel.Error, "Shard {Shard} failed and starts anew from its last commit")]
    private partial void LogFailed(Exception failure, int shard);

    [LoggerMessage(2003, LogLevel.Warning, "Shard {Shard} should be here and cannot be taken: {Reason}")]
    private partial void LogHeld(int shard, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "Shard {Shard} waits for the journal: {Reason}")]
    private partial void LogWaits(int shard, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "Shard {Shard} was left, and the server could not be told: {Reason}")]
    private partial void LogNotGivenBack(int shard, string reason);

    [LoggerMessage(2006, LogLevel.Error, "Shard {Shard} does not get on here and is left to other nodes for {Minutes} min")]
    private partial void LogRefused(int shard, double minutes);
}
