using System.Diagnostics;
using Akka.Streams;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.Node.Bench;

/// <summary>
/// Records of the upload pipe on their whole way in this process: read, durable, sequenced, session committed, and with a rule the delivery
/// stored, its program run, its try stored.
/// </summary>
internal sealed class UploadWay : IActionRunner, IAsyncDisposable
{
    private const int Parallel = 16;

    private readonly ActionRunners _runners = new(new ExecOptions(), null, TimeProvider.System);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _runsCommands;
    private int _left;
    private string? _failure;

    private BenchEngine? _engine;
    private RunningSource? _source;

    private UploadWay(string folder, int uploads, Rule? rule)
    {
        _left = uploads;
        _runsCommands = rule is not null;
        Pipe = Path.Combine(folder, "upload.pipe");
    }

    public string Pipe { get; }

    /// <summary>A rule that runs a program for each upload.</summary>
    public static Rule Run(string program, RuleOrder order) => new()
    {
        Name = "bench", On = [TriggerKind.Upload], Parallel = Parallel, Order = order,
        Actions = [new ExecAction(program, [], new Dictionary<string, Template>(), "/", null, null, TimeSpan.FromMinutes(1))],
    };

    /// <summary>Reads a pipe of its own in <paramref name="folder"/>, until so many uploads have gone the whole way.</summary>
    public static async Task<UploadWay> StartAsync(string folder, int uploads, Rule? rule, CancellationToken cancel)
    {
        var way = new UploadWay(folder, uploads, rule);
        way._engine = await BenchEngine.StartAsync(folder, rule is null ? [] : [rule], way, Parallel, cancel);
        way._engine.On<EventsApplied>(way.Applied);
        var options = new PureFtpdOptions { Name = "bench", Host = "bench", Pipe = way.Pipe, DataFolder = folder };
        way._source = new RunningSource(new PureFtpdSource(options, way._engine.Spool, way._engine.Engine.System.Materializer(), TimeProvider.System));
        while (!File.Exists(way.Pipe))
            await Task.Delay(1, cancel);
        return way;
    }

    /// <summary>Records per second, from the first record written to the last program's end (or the last session's commit).</summary>
    public async Task<double> ThroughputAsync(UploadFiles files, CancellationToken cancel)
    {
        await using var pipe = UploadFiles.Open(Pipe);
        var (count, started) = (_left, Stopwatch.GetTimestamp());
        await Task.Run(() =>
        {
            for (var i = 0; i < count; i++)
                files.Write(pipe, i);
        }, cancel);
        await _all.Task.WaitAsync(cancel);
        return _failure is null
            ? count / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"A program of the benchmark failed, so its figures say nothing: {_failure}");
    }

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var outcome = await _runners.RunAsync(context, cancel).ConfigureAwait(false);
        if (!outcome.Succeeded)
            _failure = outcome.Summary;
        Ended(1);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is not null)
            await _source.DisposeAsync();
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
