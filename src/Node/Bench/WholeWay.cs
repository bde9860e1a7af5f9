using System.Diagnostics;
using FtpActors.Actors;
using FtpActors.Ingest.Queue;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Bench;

/// <summary>
/// The whole way in this process: queue, durable, sequenced, session committed. One queue and one source keep order, so the n-th message
/// sent is seq n: that is how its times are found again.
/// </summary>
internal sealed class WholeWay : IFreshEvents, IAsyncDisposable
{
    private readonly SqliteJournal _journal;
    private readonly ShardGroup _shards;
    private readonly BenchQueue _queue = new();
    private readonly long[] _durable;
    private readonly long[] _committed;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;

    private WholeWay(SqliteJournal journal, int messages)
    {
        _journal = journal;
        _durable = new long[messages];
        _committed = new long[messages];
        _left = messages;
        _shards = new ShardGroup(journal, "bench", new ShardOptions(), new Horizon(), TimeProvider.System, NullLoggerFactory.Instance);
        _shards.Committed += Committed;
        journal.Subscribe(this);
    }

    /// <summary>Messages per second, as fast as they go.</summary>
    public static async Task<double> ThroughputAsync(string folder, QueueTake take, IReadOnlyList<byte[]> messages, CancellationToken cancel)
    {
        await using var way = new WholeWay(await OpenAsync(folder), messages.Count);
        await using var running = await way.StartAsync(folder, take, cancel);
        var started = Stopwatch.GetTimestamp();
        await way._queue.SendAll(messages, cancel);
        await way._all.Task.WaitAsync(cancel);
        return messages.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>From msgsnd to durable and to the session's commit, at a steady rate of messages per second.</summary>
    public static async Task<(Latency Durable, Latency Committed)> LatencyAsync(
        string folder, QueueTake take, IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel)
    {
        await using var way = new WholeWay(await OpenAsync(folder), messages.Count);
        await using var running = await way.StartAsync(folder, take, cancel);
        var sent = await way._queue.SendPaced(messages, rate, cancel);
        await way._all.Task.WaitAsync(cancel);
        // The first second is the start of the program (code being compiled), not its work.
        var skip = Math.Min(rate, messages.Count / 2);
        return (Latency.Of(Differences(way._durable, sent, skip)), Latency.Of(Differences(way._committed, sent, skip)));
    }

    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var stored in events)
            _durable[stored.Seq - 1] = now;
    }

    public async ValueTask DisposeAsync()
    {
        await _shards.DisposeAsync();
        await _journal.DisposeAsync();
        _queue.Dispose();
    }

    private static Task<SqliteJournal> OpenAsync(string folder) =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = folder, Shards = 16, Host = "bench" });

    private async Task<RunningSource> StartAsync(string folder, QueueTake take, CancellationToken cancel)
    {
        await _shards.StartAsync(cancel);
        var options = new NcFtpdQueueOptions { Name = "bench", Key = _queue.Key, Take = take, DataFolder = folder };
        return new RunningSource(new NcFtpdQueueSource(options, _journal, new NcFtpdMessageDecoder("bench", "bench", swapHosts: false), TimeProvider.System));
    }

    private void Committed(int shard, IReadOnlyList<StoredEvent> events)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var stored in events)
            _committed[stored.Seq - 1] = now;
        if (Interlocked.Add(ref _left, -events.Count) == 0)
            _all.SetResult();
    }

    private static long[] Differences(long[] later, long[] earlier, int skip) =>
        [.. later.Zip(earlier, (l, e) => l - e).Skip(skip)];
}
