using System.Diagnostics;
using Akka.Streams;
using FtpActors.Actors.Handlers;
using FtpActors.Ingest.Queue;
using FtpActors.Ingest;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Bench;

/// <summary>
/// The whole way in this process: queue, spool, handler, session, history of every file operation. One queue and one source keep order, so the n-th message sent is seq n:
/// that is how its times are found again.
/// </summary>
internal sealed class WholeWay : ISpool, IAsyncDisposable
{
    private readonly BenchEngine _engine;
    private readonly BenchQueue _queue = new();
    private readonly long[] _durable;
    private readonly long[] _applied;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BenchInstruments? _instruments;
    private int _left;

    private WholeWay(BenchEngine engine, int messages, BenchInstruments? instruments)
    {
        (_engine, _instruments) = (engine, instruments);
        _durable = new long[messages];
        _applied = new long[messages];
        _left = messages;
        engine.On<EventsApplied>(Applied);
    }

    /// <summary>Messages per second, as fast as they go, until the last one is in the history.</summary>
    /// <param name="folder">Where the journals are made.</param>
    /// <param name="take">How messages leave the queue.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="collector">Is told a node's metrics and traces; null: there are no instruments.</param>
    public static async Task<double> ThroughputAsync(string folder, QueueTake take, IReadOnlyList<byte[]> messages, CancellationToken cancel, Uri? collector = null)
    {
        await using var way = await OpenAsync(folder, messages.Count, cancel, collector: collector);
        await using var running = way.Start(folder, take);
        var started = Stopwatch.GetTimestamp();
        await way._queue.SendAll(messages, cancel);
        await way._all.Task.WaitAsync(cancel);
        await way._engine.CalmAsync(cancel);
        return messages.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>From msgsnd to durable in the spool and to the session, at a steady rate of messages per second.</summary>
    public static async Task<(Latency Durable, Latency Applied)> LatencyAsync(
        string folder, QueueTake take, IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel, string? database = null)
    {
        await using var way = await OpenAsync(folder, messages.Count, cancel, database);
        await using var running = way.Start(folder, take);
        var sent = await way._queue.SendPaced(messages, rate, cancel);
        await way._all.Task.WaitAsync(cancel);
        // The first second is the start of the program (code being compiled), not its work.
        var skip = Math.Min(rate, messages.Count / 2);
        return (Latency.Of(Differences(way._durable, sent, skip)), Latency.Of(Differences(way._applied, sent, skip)));
    }

    /// <summary>From the commit of an event in its handler's journal until who asks the history finds its row, looked at every five milliseconds.</summary>
    public static async Task<Latency> VisibleAsync(string folder, IReadOnlyList<byte[]> messages, int rate, CancellationToken cancel)
    {
        await using var way = await OpenAsync(folder, messages.Count, cancel);
        var visible = new VisibleRows(way._engine, JournalSection.DefaultShards);
        await using var running = way.Start(folder, QueueTake.Safe);
        var sending = way._queue.SendPaced(messages, rate, cancel);
        while (visible.Seen < messages.Count)
        {
            await visible.LookAsync(cancel);
            await Task.Delay(5, cancel);
        }
        await sending;
        var skip = Math.Min(rate, messages.Count / 2);
        return Latency.Of([.. visible.Times.Skip(skip)]);
    }

    /// <inheritdoc/>
    public async Task<long> AppendAsync(SourceBatch batch)
    {
        var first = await (_instruments?.Spool ?? _engine.Spool).AppendAsync(batch);
        Array.Fill(_durable, Stopwatch.GetTimestamp(), (int)first - 1, batch.Events.Count);
        return first;
    }

    /// <inheritdoc/>
    public Task<byte[]?> ReadSourceStateAsync(string source) => _engine.Spool.ReadSourceStateAsync(source);

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        if (_instruments is not null)
            await _instruments.DisposeAsync();
        _queue.Dispose();
    }

    private static async Task<WholeWay> OpenAsync(string folder, int messages, CancellationToken cancel, string? database = null, Uri? collector = null)
    {
        var engine = await BenchEngine.StartAsync(folder, [], new NoActions(), 1, cancel, database);
        return new WholeWay(engine, messages, collector is null ? null : await BenchInstruments.StartAsync(engine, collector));
    }

    private RunningSource Start(string folder, QueueTake take)
    {
        var options = new NcFtpdQueueOptions { Name = "bench", Key = _queue.Key, Take = take, DataFolder = folder };
        return new RunningSource(new NcFtpdQueueSource(options, this, new NcFtpdMessageDecoder("bench", "bench", swapHosts: false), _engine.Engine.System.Materializer(), TimeProvider.System));
    }

    private void Applied(EventsApplied applied)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var stored in applied.Events.Parts.SelectMany(p => p.Events))
            _applied[stored.Seq - 1] = now;
        if (Interlocked.Add(ref _left, -applied.Events.Parts.Sum(p => p.Events.Count)) == 0)
            _all.SetResult();
    }

    private static long[] Differences(long[] later, long[] earlier, int skip) =>
        [.. later.Zip(earlier, (l, e) => l - e).Skip(skip)];
}
