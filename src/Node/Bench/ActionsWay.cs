using System.Diagnostics;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using FtpActors.Ingest;
using FtpActors.Protocol;

namespace FtpActors.Node.Bench;

/// <summary>
/// Events on their whole way to commands in this process: appended, durable, sequenced, session and delivery committed, /bin/true started and
/// ended, try stored. The n-th event is seq n, by which its times are found again.
/// </summary>
internal sealed class ActionsWay : IActionRunner, IAsyncDisposable
{
    private const int Parallel = 16;

    private readonly ActionRunners _runners = new(new ExecOptions(), null, TimeProvider.System);
    private readonly long[] _called;
    private readonly long[] _ended;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left;
    private string? _failure;

    private BenchEngine? _engine;

    private ActionsWay(int events)
    {
        _called = new long[events];
        _ended = new long[events];
        _left = events;
    }

    private static Rule Rule => new()
    {
        Name = "bench", On = [TriggerKind.Upload], Parallel = Parallel,
        Actions = [new ExecAction("/bin/true", [], new Dictionary<string, Template>(), "/", null, null, TimeSpan.FromMinutes(1))],
    };

    /// <summary>Commands per second, from the first append to the last command's end; events come as fast as they are stored.</summary>
    public static async Task<double> ThroughputAsync(string folder, int events, CancellationToken cancel)
    {
        await using var way = await OpenAsync(folder, events, cancel);
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in Enumerable.Range(0, events).Select(Upload).Chunk(200))
            await way.Engine.Spool.AppendAsync(new SourceBatch("bench", batch, []));
        await way._all.Task.WaitAsync(cancel);
        way.RequireSuccess();
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>From the append of an event to the call of the runner and to the end of its command, at a steady rate.</summary>
    public static async Task<(Latency ToStart, Latency ToEnd)> LatencyAsync(string folder, int rate, int events, CancellationToken cancel)
    {
        await using var way = await OpenAsync(folder, events, cancel);
        var appended = await way.AppendPaced(rate, events, cancel);
        await way._all.Task.WaitAsync(cancel);
        way.RequireSuccess();
        // The first second is the start of the program (code being compiled), not its work.
        var skip = Math.Min(rate, events / 2);
        return (Latency.Of([.. way._called.Zip(appended, (l, e) => l - e).Skip(skip)]), Latency.Of([.. way._ended.Zip(appended, (l, e) => l - e).Skip(skip)]));
    }

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var n = (int)(long)context.Facts.Values["seq"]! - 1;
        _called[n] = Stopwatch.GetTimestamp();
        var outcome = await _runners.RunAsync(context, cancel).ConfigureAwait(false);
        _ended[n] = Stopwatch.GetTimestamp();
        if (!outcome.Succeeded)
            _failure = outcome.Summary;
        if (Interlocked.Decrement(ref _left) == 0)
            _all.SetResult();
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
        _runners.Dispose();
    }

    private BenchEngine Engine => _engine ?? throw new InvalidOperationException("The benchmark has not begun.");

    private static async Task<ActionsWay> OpenAsync(string folder, int events, CancellationToken cancel)
    {
        var way = new ActionsWay(events);
        way._engine = await BenchEngine.StartAsync(folder, [Rule], way, Parallel, cancel);
        return way;
    }

    private static FtpEvent Upload(int i) => new()
    {
        ReceivedAt = DateTimeOffset.UtcNow, Kind = EventKind.Upload, Host = "bench", Source = "bench", Service = "site", User = $"user{i}",
        RemoteHost = "10.0.0.1", Path = $"/incoming/{i}.dat", Bytes = 1000, Status = EventStatus.Ok,
    };

    private void RequireSuccess()
    {
        if (_failure is { } failure)
            throw new InvalidOperationException($"A command of the benchmark failed, so its figures say nothing: {failure}");
    }

    private async Task<long[]> AppendPaced(int rate, int events, CancellationToken cancel)
    {
        var appends = new Task[events];
        var appended = await Pace.RunAsync(events, rate, i => appends[i] = Engine.Spool.AppendAsync(new SourceBatch("bench", [Upload(i)], [])), cancel);
        await Task.WhenAll(appends);
        return appended;
    }
}
