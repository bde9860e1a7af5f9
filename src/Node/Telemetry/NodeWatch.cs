using System.Data.Common;
using FtpActors.Node.Hosting;
using FtpActors.Node.Http;
using FtpActors.Protocol;

namespace FtpActors.Node.Telemetry;

/// <summary>Looks at the node every few seconds: for the gauges, and for the last hour as the dashboard draws it.</summary>
internal sealed class NodeWatch : IAsyncDisposable
{
    /// <summary>How far apart the points of the last hour are.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private const int Points = 720;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // All of the table is counted: for who scrapes, and seldom for who is told.
    private static readonly TimeSpan DeliveriesEvery = TimeSpan.FromMinutes(1);

    private readonly FtpNode _node;
    private readonly NodeMetrics _metrics;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _looking = new(1);
    private readonly Lock _gate = new();
    private readonly Queue<RecentPoint> _recent = new(Points);
    private readonly Task _running;
    private volatile NodeSample? _last;
    private IReadOnlyList<(string Rule, string State, long Count)> _deliveries = [];
    private DateTimeOffset _deliveriesAt = DateTimeOffset.MinValue;

    public NodeWatch(FtpNode node, NodeMetrics metrics, ILogger log)
    {
        (_node, _metrics, _log) = (node, metrics, log);
        metrics.Follow(() => _last, () => node.Sources);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The points of the last hour, oldest first.</summary>
    public IReadOnlyList<RecentPoint> Recent
    {
        get
        {
            lock (_gate)
                return [.. _recent];
        }
    }

    /// <summary>Looks at everything, unless that was a moment ago.</summary>
    public Task LookAsync(CancellationToken cancel) => LookAsync(Fresh, cancel);

    private async Task<NodeSample> LookAsync(TimeSpan deliveriesEvery, CancellationToken cancel)
    {
        await _looking.WaitAsync(cancel);
        try
        {
            var now = _node.Time.GetUtcNow();
            return _last is { } last && now - last.At < Fresh && now - _deliveriesAt < deliveriesEvery ? last : _last = await ReadAsync(deliveriesEvery, cancel);
        }
        finally
        {
            _looking.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var (stored, at) = (_metrics.EventsStored, _node.Time.GetUtcNow());
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(Every, _node.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
                return;
            try
            {
                var sample = await LookAsync(DeliveriesEvery, _stop.Token);
                var (now, storedNow) = (_node.Time.GetUtcNow(), _metrics.EventsStored);
                var lag = sample.Backlog?.OldestWaiting is { } oldest ? Math.Max(0, (now - oldest).TotalSeconds) : 0;
                var point = new RecentPoint(now, (storedNow - stored) / Math.Max(0.001, (now - at).TotalSeconds), lag, sample.Backlog?.OpenSessions ?? 0, sample.Backlog?.Waiting ?? 0);
                (stored, at) = (storedNow, now);
                lock (_gate)
                {
                    if (_recent.Count == Points)
                        _recent.Dequeue();
                    _recent.Enqueue(point);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Figures are no reason for a node to end.
                _log.NotLooked(e);
            }
        }
    }

    // What does not answer is missing from the gauges; /api/v1/status says why.
    private async Task<NodeSample> ReadAsync(TimeSpan deliveriesEvery, CancellationToken cancel)
    {
        var engine = _node.Engine;
        Backlog? backlog = null;
        int? homeless = null;
        try
        {
            backlog = await Backlog.ReadAsync(engine, _node.Configuration.Node.Handler);
            // Each node of a cluster tells of its own.
            if (engine.Nodes is not null)
                backlog = backlog with { Handlers = [.. backlog.Handlers.Where(h => h.Node == _node.Configuration.Node.Name)] };
            if (engine.HasHistory && _node.Time.GetUtcNow() - _deliveriesAt >= deliveriesEvery)
            {
                _deliveries = [.. (await engine.History.CountDeliveriesAsync(cancel)).Select(d => (d.Rule, DeliveryJson.States[(int)d.State], d.Count))];
                _deliveriesAt = _node.Time.GetUtcNow();
            }
            if (engine.Nodes is { } nodes)
                homeless = (await ClusterReport.ReadAsync(nodes, engine)).Handlers.Count(h => h.Owner is null);
        }
        catch (Exception e) when (e is JournalException or DbException)
        {
            // As above.
            (_deliveries, _deliveriesAt) = ([], DateTimeOffset.MinValue);
        }
        return new NodeSample(_node.Time.GetUtcNow(), _node.IsReady, backlog, _deliveries, homeless);
    }
}

/// <summary>A point of the last hour.</summary>
/// <param name="At">When.</param>
/// <param name="EventsPerSecond">Events that this node's sources made durable.</param>
/// <param name="Lag">Age in seconds of the oldest event that waited; 0 when none did.</param>
/// <param name="OpenSessions">Open sessions of the handlers here.</param>
/// <param name="Waiting">Events that waited.</param>
internal sealed record RecentPoint(DateTimeOffset At, double EventsPerSecond, double Lag, long OpenSessions, long Waiting);
