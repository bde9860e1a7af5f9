using System.Diagnostics;
using System.Globalization;
using Akka.Streams;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Ingest.Watching;

namespace FtpActors.Node.Bench;

/// <summary>Files of a watched folder on their whole way in this process: seen, durable, session committed, and with a rule the program of each run.</summary>
internal sealed class WatchWay : IActionRunner, IAsyncDisposable
{
    private const int Parallel = 16;

    private readonly ActionRunners _runners = new(new ExecOptions(), null, TimeProvider.System);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _runsCommands;
    private int _left;
    private BenchEngine? _engine;
    private UploadFusion? _fusion;
    private RunningSource? _source;

    private WatchWay(string folder, int files, Rule? rule)
    {
        (_left, _runsCommands) = (files, rule is not null);
        Watched = Directory.CreateDirectory(Path.Combine(folder, "watched")).FullName;
    }

    public string Watched { get; }

    /// <summary>Watches a folder of its own in <paramref name="folder"/> without waiting for files to rest, as the others do.</summary>
    public static async Task<WatchWay> StartAsync(string folder, int files, Rule? rule, CancellationToken cancel)
    {
        var way = new WatchWay(folder, files, rule);
        way._engine = await BenchEngine.StartAsync(folder, rule is null ? [] : [rule], way, Parallel, cancel);
        way._engine.On<EventsApplied>(way.Applied);
        var options = new WatchOptions { Name = "bench", Host = "bench", Path = way.Watched, DataFolder = folder, Steady = TimeSpan.Zero };
        way._fusion = new UploadFusion(way._engine.Spool, [options]);
        var source = new WatchSource(options, way._engine.Spool, way._fusion, way._engine.Engine.System.Materializer(), TimeProvider.System);
        way._source = new RunningSource(source);
        while (source.Status.State != "reading")
            await Task.Delay(1, cancel);
        return way;
    }

    /// <summary>Files per second, from the first one made to the last session's commit.</summary>
    public async Task<double> ThroughputAsync(CancellationToken cancel)
    {
        var (count, started) = (_left, Stopwatch.GetTimestamp());
        await Task.Run(() => WatchedFiles.Make(Watched, count), cancel);
        await _all.Task.WaitAsync(cancel);
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var outcome = await _runners.RunAsync(context, cancel).ConfigureAwait(false);
        Ended(1);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
        _fusion?.Dispose();
        if (_engine is not null)
            await _engine.DisposeAsync();
        _runners.Dispose();
    }

    private void Applied(EventsApplied applied)
    {
        if (!_runsCommands)
            Ended(applied.Events.Parts.Sum(p => p.Events.Count));
    }

    private void Ended(int count)
    {
        if (Interlocked.Add(ref _left, -count) == 0)
            _all.SetResult();
    }
}

/// <summary>The files that watchers are to see.</summary>
internal static class WatchedFiles
{
    /// <summary>Makes files as fast as it goes.</summary>
    public static void Make(string folder, int count)
    {
        for (var i = 0; i < count; i++)
            File.WriteAllBytes(string.Create(CultureInfo.InvariantCulture, $"{folder}/f{i}"), "x"u8);
    }

    /// <summary>Makes files at a rate; when each was closed, in ticks of <see cref="Stopwatch"/>.</summary>
    public static async Task<long[]> MakePacedAsync(string folder, int count, int rate, CancellationToken cancel)
    {
        var closed = new long[count];
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        for (var i = 0; i < count; i++)
        {
            await timer.WaitForNextTickAsync(cancel);
            await File.WriteAllBytesAsync(string.Create(CultureInfo.InvariantCulture, $"{folder}/p{i}"), "x"u8.ToArray(), cancel);
            closed[i] = Stopwatch.GetTimestamp();
        }
        return closed;
    }
}
