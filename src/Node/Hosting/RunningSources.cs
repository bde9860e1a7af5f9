using FtpActors.Ingest;
using FtpActors.Ingest.Watching;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>All sources of a node. A source in trouble goes on by itself and never ends the node; one that throws is started again.</summary>
internal sealed class RunningSources : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<(SourceSection Section, ISource Source)> _sources;
    private readonly List<Task> _tasks;
    private readonly UploadFusion _fusion;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public RunningSources(IEnumerable<SourceSection> sections, SourceContext context)
    {
        _time = context.Time;
        _log = context.Loggers.CreateLogger<RunningSources>();
        _fusion = context.Fusion;
        _sources = [.. sections.Select(s => (s, s.Open(context with { Spool = _fusion.SpoolOf(s.Name) })))];
        _tasks = [.. _sources.Select(s => Task.Run(() => SuperviseAsync(s.Source))), Task.Run(WatchAsync)];
    }

    /// <summary>What every source says of itself, in the order of the configuration.</summary>
    public IReadOnlyList<SourceStatus> Statuses => [.. _sources.Select(s => s.Source.Status)];

    /// <summary>The source of a name, null when there is none.</summary>
    public ISource? Find(string name) => _sources.Find(s => s.Section.Name == name).Source;

    /// <summary>Every source finishes the batch in hand and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_tasks);
        _fusion.Dispose();
        _stop.Dispose();
    }

    private async Task SuperviseAsync(ISource source)
    {
        var pause = TimeSpan.FromSeconds(1);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await source.RunAsync(_stop.Token);
                return;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                _log.SourceFailed(e, source.Name, pause.TotalSeconds);
            }
            await Wait(pause);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    // Sources report by their status; changes of it become log lines here, once each.
    private async Task WatchAsync()
    {
        var said = new Dictionary<string, SourceStatus>(StringComparer.Ordinal);
        do
        {
            foreach (var status in Statuses)
            {
                var before = said.GetValueOrDefault(status.Name);
                if (status.Trouble is { } trouble && trouble != before?.Trouble)
                    _log.SourceTrouble(status.Name, trouble);
                else if (status.State != before?.State && status.Trouble is null)
                    _log.SourceState(status.Name, status.Kind, status.State);
                foreach (var warning in status.Warnings.Except(before?.Warnings ?? []))
                    _log.SourceWarning(status.Name, warning);
                said[status.Name] = status;
            }
        }
        while (await Wait(WatchEvery));
    }

    private async Task<bool> Wait(TimeSpan time)
    {
        await Task.Delay(time, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stop.IsCancellationRequested;
    }
}
