using System.Diagnostics;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Bench;

/// <summary>
/// Records of the upload pipe on their whole way in this process: read, durable, sequenced, session committed, and with a rule the delivery
/// stored, its program run, its try stored.
/// </summary>
internal sealed class UploadWay : IActionRunner, IAsyncDisposable
{
    private const int Parallel = 16;

    private readonly SqliteJournal _journal;
    private readonly ShardGroup _shards;
    private readonly RunningSource _source;
    private readonly ActionRunners _runners = new(new ExecOptions(), null, TimeProvider.System);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _runsCommands;
    private int _left;
    private string? _failure;

    private UploadWay(SqliteJournal journal, string folder, int uploads, Rule? rule)
    {
        _journal = journal;
        _left = uploads;
        _runsCommands = rule is not null;
        var book = new RuleBook(new RuleSet(rule is null ? [] : [rule]), null);
        var deliveries = new DeliveryActor(
            journal, book, this, new DeliveryOptions { Node = "bench" }, new ActionSlots(Parallel), TimeProvider.System, NullLoggerFactory.Instance);
        _shards = new ShardGroup(journal, "bench", new ShardOptions(), new Horizon(), TimeProvider.System, NullLoggerFactory.Instance, deliveries);
        _shards.Committed += Committed;
        var options = new PureFtpdOptions { Name = "bench", Host = "bench", Pipe = Path.Combine(folder, "upload.pipe"), DataFolder = folder };
        _source = new RunningSource(new PureFtpdSource(options, journal, TimeProvider.System));
        Pipe = options.Pipe;
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
        var journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = folder, Shards = 16, Host = "bench" });
        var way = new UploadWay(journal, folder, uploads, rule);
        await way._shards.StartAsync(cancel);
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
        await _source.DisposeAsync();
        await _shards.DisposeAsync();
        await _journal.DisposeAsync();
        _runners.Dispose();
    }

    private void Committed(int shard, IReadOnlyList<StoredEvent> events)
    {
        if (!_runsCommands)
            Ended(events.Count);
    }

    private void Ended(int count)
    {
        if (Interlocked.Add(ref _left, -count) == 0)
            _all.SetResult();
    }
}
